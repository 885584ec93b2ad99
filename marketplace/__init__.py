"""Who trades and what is traded; also the gate (settings, urls, celery). Imports nothing: the kernel stays pure."""
