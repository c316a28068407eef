-- (p, n) Upper end of the 95 % Wilson interval of a share p of n; rounding carries it past no end.
least(1., greatest({{p}}, (
    2 * {{n}} * {{p}} + {{z}} * {{z}} + {{z}} * sqrt({{z}} * {{z}} + 4 * {{n}} * {{p}} * (1 - {{p}}))
) / (2 * ({{n}} + {{z}} * {{z}}))))
