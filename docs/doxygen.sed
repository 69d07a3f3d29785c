# Comments are written for who reads the sources: <id> and name@digest are no
# tags and no commands, and `..` is a name.
/\/\/\// {
  s/<([a-z][a-z_-]*)>/\\<\1\\>/g
  s/@([a-z]+)/\\@\1/g
  s/`(\.+)`/"\1"/g
  s/([^A-Za-z_:])#([a-zA-Z])/\1\\#\2/g
}
