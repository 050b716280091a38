"""What goes over the wire, one file a noun: closed lists of fields, shared by the server and the client."""
