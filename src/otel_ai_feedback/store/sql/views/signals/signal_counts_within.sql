-- How many answers of some days showed each signal, of how many that could have, by bucket of users?
--
-- The rows of the table `signal_counts`, counted from the outputs themselves as known at a given time.
{{counts_of(exposures_within)}}
