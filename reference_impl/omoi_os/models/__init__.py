"""Tables, one module each; a module imports only the tables it points to."""
