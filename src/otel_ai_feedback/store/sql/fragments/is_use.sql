-- (done) Whether any of the user actions on an output is use of it.
notEmpty(arrayIntersect(mapKeys({{done}}), ['copied', 'edited', 'accepted', 'inserted', 'shared']))
