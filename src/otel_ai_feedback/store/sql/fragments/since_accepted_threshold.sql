-- From how many standard errors on the last four weeks differ from the accepted baseline: 3.5, more above 20 series.
sqrt(3.5 * 3.5 + 2 * (threshold - if(mode = 'day', 6, 3.5)))
