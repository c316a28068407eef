-- (p) How uncertain something is that is true with probability p, in bits.
if({{p}} <= 0 or {{p}} >= 1, 0., -({{p}} * log2({{p}}) + (1 - {{p}}) * log2(1 - {{p}})))
