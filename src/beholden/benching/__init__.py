"""How fast this machine does it: the whole way into a gallery and its parts, beside what others do with the same photographs."""
