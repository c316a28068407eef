-- How many standard errors a 95 % interval reaches to either side.
1.959964
