# What the library's experiments may do: their actions, each within its scope.
locals {
  library = jsondecode(file("${path.module}/policies/library.json"))
  wanted  = toset(flatten([for statement in local.library.Statement : statement.Action]))
  scoped  = toset(flatten([for group in local.scopes : [for scope in group : scope.actions]]))
  lost    = setsubtract(local.wanted, local.scoped)

  # scopes without an action that an experiment still uses fall away
  statements = {
    for name, group in local.scopes : name => {
      for sid, scope in group : sid => {
        actions    = sort(setintersection(scope.actions, local.wanted))
        resources  = scope.resources
        conditions = try(scope.conditions, [])
      } if length(setintersection(scope.actions, local.wanted)) > 0
    }
  }
}

data "aws_iam_policy_document" "library" {
  for_each = local.statements

  dynamic "statement" {
    for_each = each.value

    content {
      sid       = statement.key
      actions   = statement.value.actions
      resources = statement.value.resources

      dynamic "condition" {
        for_each = statement.value.conditions

        content {
          test     = condition.value.test
          variable = condition.value.variable
          values   = condition.value.values
        }
      }
    }
  }
}

resource "aws_iam_policy" "library" {
  for_each    = local.statements
  name        = "${local.name}-library-${each.key}"
  description = "What the experiments of the library may do: ${each.key}"
  policy      = data.aws_iam_policy_document.library[each.key].json

  lifecycle {
    precondition {
      condition     = length(local.lost) == 0
      error_message = "scopes.tf has no scope for ${join(", ", local.lost)}: say there on what experiments may use it."
    }
  }
}

resource "aws_iam_role_policy_attachment" "library" {
  for_each   = aws_iam_policy.library
  role       = aws_iam_role.job.name
  policy_arn = each.value.arn
}
