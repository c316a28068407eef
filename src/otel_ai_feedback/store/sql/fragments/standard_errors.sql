-- (p, n, before, n_before) By how many standard errors did a share move? With a success and a failure more on either side: 1 has a spread.
({{p}} - {{before}}) / sqrt(
    (({{p}} * {{n}} + 1) / ({{n}} + 2)) * (1 - ({{p}} * {{n}} + 1) / ({{n}} + 2)) / {{n}}
    + (({{before}} * {{n_before}} + 1) / ({{n_before}} + 2))
        * (1 - ({{before}} * {{n_before}} + 1) / ({{n_before}} + 2)) / {{n_before}}
)
