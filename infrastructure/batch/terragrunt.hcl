include "root" {
  path = find_in_parent_folders("root.hcl")
}

# the network, and what is in it for experiments to look at
dependencies {
  paths = ["../comments-app/networking", "../comments-app/services"]
}
