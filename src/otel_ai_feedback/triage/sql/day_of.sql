-- Which day is a moment on, in the store's time zone?
select toDate({moment:DateTime64(3, 'UTC')}, {{zone}}) as day
