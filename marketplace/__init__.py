"""Who trades and what is traded; and the gate (settings, urls, celery). Imports nothing, so that the kernel stays pure."""
