-- The day it was at the moment that is asked about.
toDate({as_of:DateTime64(3, 'UTC')}, {{zone}})
