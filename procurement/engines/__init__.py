"""Every decision the product makes about goods, without Django: values in, a decision with its proof out."""
