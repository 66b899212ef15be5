variable "environment" {
  type        = string
  description = "The environment's name, in most other names; the library's context `live` uses `live`"
  default     = "live"

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{0,6}$", var.environment))
    error_message = "The environment is 1 to 7 lower-case letters and digits, the first a letter: load balancers take no longer names."
  }
}

variable "application" {
  type        = string
  description = "The application's name"
  default     = "comments"

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{0,7}$", var.application))
    error_message = "The application is 1 to 8 lower-case letters and digits, the first a letter: load balancers take no longer names."
  }
}
