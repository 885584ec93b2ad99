"""Every decision the product makes about goods, without Django: values in; a decision, its reasons and its proof out."""
