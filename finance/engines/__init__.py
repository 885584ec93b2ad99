"""Every decision about money, without Django: matching, tax, day counts, netting, waterfalls."""
