local OBJECTS = P .. ':objects'  -- sorted set: name of an object, a blank, its task → when to look at it next
