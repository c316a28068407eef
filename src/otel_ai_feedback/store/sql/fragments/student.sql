-- (df) The share of n that is left to a 95 % Wilson interval when a variance has df degrees: (z / t)^2, to .02 %.
(1 + (-2.411945 + (1.375765 + (1.537381 + (-2.568191 + (1.335525 - .244736
    / {{df}}) / {{df}}) / {{df}}) / {{df}}) / {{df}}) / {{df}})
