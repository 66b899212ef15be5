# The environment of each service. A slow or missing spamcheck must not keep people from commenting: the application's own defaults
# are weaker, as an experiment can show. Addresses are plain variables, because experiments replace them by those of proxies, and
# ECS takes no variable that is a secret and a plain one.
locals {
  internal_url = "http://${aws_lb.internal.dns_name}"

  own_settings = {
    web = {
      API_URL        = "${local.internal_url}/api"
      API_TIMEOUT_MS = "5000"
    }
    api = {
      SPRING_DATASOURCE_URL      = data.aws_ssm_parameter.application["db_connection_string"].insecure_value
      SPRING_DATASOURCE_USERNAME = data.aws_ssm_parameter.application["db_username"].insecure_value
      APPLICATION_PATH_BASE      = "/api"
      APPLICATION_SPAMCHECK_URL  = "${local.internal_url}/spam"
      SPAMCHECK_TIMEOUT_MS       = "500"
      SPAMCHECK_FALLBACK         = "accept"
    }
    spamcheck = {
      APPLICATION_PATH_BASE = "/spam"
    }
  }

  settings = { for short, own in local.own_settings : short => merge(own, lookup(var.more_settings, short, {})) }

  secrets = {
    web       = {}
    api       = { SPRING_DATASOURCE_PASSWORD = local.password_arn }
    spamcheck = {}
  }

  images = {
    web       = var.web_image
    api       = var.api_image
    spamcheck = var.spamcheck_image
  }
}
