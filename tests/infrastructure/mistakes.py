"""Mistakes to plant in fixture/: the file, what is there, what is put in its place, and what must be said of it.

The finding must be at the line where the replacement begins, or at the line with the text `at`.
"""

from dataclasses import dataclass

MAIN, VARIABLES, OUTPUTS = "app/main.tf", "app/variables.tf", "app/outputs.tf"
NETWORK, QUEUE, LAB = "network/main.tf", "queue/main.tf", "app/lab/main.tf"
UNIT, ROOT, TEMPLATE = "app/terragrunt.hcl", "root.hcl", "app/start.sh.tftpl"
VALUES = "settings.example.tfvars"


@dataclass(frozen=True)
class Mistake:
    name: str
    file: str
    old: str
    new: str
    says: str
    at: str = ""
    found_in: str = ""


TABLE = [Mistake(*row) for row in (
    # against the provider's schema
    ("unknown argument", MAIN, "subnet_id  ", "subnet_ids  ", "no argument `subnet_ids`, did you mean `subnet_id`?"),
    ("misspelt resource type", NETWORK, 'resource "aws_vpc" "this"', 'resource "aws_vpcc" "this"',
     "there is no resource type `aws_vpcc`, did you mean `aws_vpc`?"),
    ("misspelt data source type", MAIN, 'data "aws_ssm_parameter" "image"', 'data "aws_ssm_paramter" "image"',
     "there is no data source type `aws_ssm_paramter`, did you mean `aws_ssm_parameter`?"),
    ("missing argument", QUEUE, '  protocol  = "sqs"\n', "", "needs the argument `protocol`",
     'resource "aws_sns_topic_subscription"'),
    ("missing argument in a block", MAIN, '      identifiers = ["ecs-tasks.amazonaws.com"]\n', "",
     "needs the argument `identifiers`", "    principals {"),
    ("missing argument in a dynamic block", MAIN, '  volume {\n    name = "data"\n  }',
     '  dynamic "volume" {\n    for_each = [1]\n    content {}\n  }', "needs the argument `name`"),
    ("unknown block", MAIN, "  root_block_device {", "  rot_block_device {",
     "no block `rot_block_device`, did you mean `root_block_device`?"),
    ("unknown argument in a block", MAIN, "    encrypted = true", "    encryptd = true",
     "no argument `encryptd`, did you mean `encrypted`?"),
    ("argument where a block is wanted", MAIN, "  root_block_device {\n    encrypted = true\n  }",
     "  root_block_device = [{ encrypted = true }]", "`root_block_device` of `aws_instance` is a block"),
    ("block where an argument is wanted", NETWORK, "  tags = {", "  tags {", "`tags` of `aws_vpc` is an argument"),
    ("block too many", MAIN, "  root_block_device {", "  root_block_device {}\n\n  root_block_device {",
     "takes one block `root_block_device` at most", "  root_block_device {\n"),
    ("computed attribute set", QUEUE, '  protocol  = "sqs"', '  arn = "x"\n  protocol  = "sqs"', "can be read, but not set"),
    ("list where a string is wanted", NETWORK, 'cidr_block           = "10.0.0.0/16"',
     'cidr_block           = ["10.0.0.0/16"]', "is a string, and not a list"),
    ("string where a list is wanted", MAIN, 'actions = ["sts:AssumeRole"]', 'actions = "sts:AssumeRole"',
     "is a list, and not a plain value"),
    ("unknown argument of the provider", MAIN, '  region = "us-east-1"', '  regoin = "us-east-1"',
     "no argument `regoin`, did you mean `region`?"),
    ("argument given twice", QUEUE, '  protocol  = "sqs"\n', '  protocol  = "sqs"\n  protocol  = "sqs"\n',
     "`protocol` is given twice", "  protocol  = \"sqs\"\n  endpoint"),
    # references
    ("dangling resource", QUEUE, "aws_sqs_queue.this.arn", "aws_sqs_queue.that.arn",
     "no resource `aws_sqs_queue.that`, did you mean `aws_sqs_queue.this`?"),
    ("dangling attribute", QUEUE, "aws_sqs_queue.this.arn", "aws_sqs_queue.this.arm",
     "no attribute `arm`, did you mean `arn`?"),
    ("dangling attribute of a nested block", OUTPUTS, "aws_instance.app[*].private_ip",
     "aws_instance.app[*].root_block_device[0].volume_ids", "no attribute `volume_ids`, did you mean `volume_id`?"),
    ("dangling attribute in a for", NETWORK, "subnet.id]", "subnet.idd]", "no attribute `idd`"),
    ("dangling data source", MAIN, "data.aws_iam_policy_document.assume.json", "data.aws_iam_policy_document.asume.json",
     "no data source `data.aws_iam_policy_document.asume`"),
    ("dangling variable", MAIN, "= var.region", "= var.regions", "no variable `regions`, did you mean `region`?"),
    ("dangling local", MAIN, "tags = local.tags", "tags = local.tag", "no local `tag`, did you mean `tags`?"),
    ("dangling module", OUTPUTS, "module.queue[*].url", "module.queues[*].url",
     "no module `queues`, did you mean `queue`?"),
    ("dangling output of a module", OUTPUTS, "module.queue[*].url", "module.queue[*].urls",
     "module.queue has no attribute `urls`, did you mean `url`?"),
    ("dangling key of an object variable", MAIN, "port.value.from", "port.value.form",
     "no attribute `form`, did you mean `from`?"),
    ("dangling key of a local", MAIN, "local.tags.Program", "local.tags.Programm",
     "local.tags has no attribute `Programm`, did you mean `Program`?"),
    ("attribute of a text", MAIN, "endpoint  = each.value", "endpoint  = each.value.mail", "a string has no attribute `mail`"),
    ("dangling each", QUEUE, "= var.retention", "= each.value", "`each` is known only inside for_each"),
    ("dangling count", MAIN, "endpoint  = each.value", "endpoint  = count.index", "`count` is known only inside count"),
    ("string without quotes", QUEUE, 'protocol  = "sqs"', "protocol  = sqs", "a string is written in quotes"),
    ("index left out", MAIN, "  depends_on = [aws_iam_role.task]\n}",
     "  depends_on = [aws_iam_role.task]\n}\n\noutput \"one\" {\n  description = \"One\"\n"
     "  value       = aws_instance.app.id\n}",
     "aws_instance.app has count", "  value       = aws_instance.app.id"),
    ("index where there is one", QUEUE, "aws_sqs_queue.this.url", "aws_sqs_queue.this[0].url",
     "has neither count nor for_each"),
    ("splat over for_each", OUTPUTS, "values(aws_sns_topic_subscription.mail)[*].arn",
     "aws_sns_topic_subscription.mail[*].arn", "has for_each"),
    ("dangling depends_on", MAIN, "[aws_iam_role.task]", "[aws_iam_role.tusk]",
     "no resource `aws_iam_role.tusk`, did you mean `aws_iam_role.task`?"),
    ("depends_on of an attribute", MAIN, "[aws_iam_role.task]", "[aws_iam_role.task.arn]", "takes a whole resource"),
    ("dangling ignore_changes", MAIN, "[description]", "[descripton]", "no argument `descripton` to ignore"),
    ("dangling provider", MAIN, "aws.global", "aws.globe", "no provider configuration `aws.globe`"),
    ("moved to nowhere", MAIN, "to   = aws_sns_topic.alarms", "to   = aws_sns_topic.alarm",
     "no resource `aws_sns_topic.alarm`"),
    # functions and files
    ("unknown function", MAIN, "jsonencode(", "jsonencod(", "no function `jsonencod`, did you mean `jsonencode`?"),
    ("argument too many", OUTPUTS, "one(module.queue[*].url)", "one(module.queue[*].url, 1)", "`one` takes 1 arguments, not 2"),
    ("file that is not there", MAIN, "/start.sh.tftpl", "/strat.sh.tftpl",
     "no file strat.sh.tftpl, did you mean `start.sh.tftpl`?"),
    ("name that a template is not given", TEMPLATE, "open ${port}", "open ${prot}",
     "the template is not given `prot`, did you mean `port`?"),
    ("name that a template does not use", TEMPLATE, "${name}", "somebody", "start.sh.tftpl does not use `name`",
     "  user_data = ", MAIN),
    # declarations
    ("unused variable", QUEUE, "= var.retention", "= 3600", "nothing uses variable `retention`", 'variable "retention"'),
    ("variable used only by its own validation", MAIN, '"${var.environment}-fixture"', '"fixture"',
     "nothing uses variable `environment`", 'variable "environment"', VARIABLES),
    ("unused local", NETWORK, "locals {", "locals {\n  more = 1", "nothing uses local `more`", "  more = 1"),
    ("unused data source", MAIN, "data.aws_ssm_parameter.image.value", '"ami-1"',
     "nothing uses data source `aws_ssm_parameter.image`", 'data "aws_ssm_parameter"'),
    ("unused provider", LAB, '  required_version = ">= 1.5"',
     '  required_providers { aws = { source = "hashicorp/aws", version = "6.32.1" } }\n  required_version = ">= 1.5"',
     "nothing uses provider `aws`"),
    ("variable without a type", QUEUE, "  type        = number\n", "", "variable `retention` has no type",
     'variable "retention"'),
    ("variable without a description", QUEUE, '  description = "The topic"\n', "", "variable `topic_arn` has no description",
     'variable "topic_arn"'),
    ("unknown type", VARIABLES, "= list(string)", "= list(text)", "`text` is no type"),
    ("default of another type", VARIABLES, "= { web = { from = 80, to = 90 } }", '= "web"',
     "the default is not of the variable's type"),
    ("unknown argument of a variable", QUEUE, "  default     = 3600", "  defualt     = 3600",
     "no argument `defualt`, did you mean `default`?"),
    ("version that is not pinned", QUEUE, '"6.32.1"', '"~> 6.0"', "not pinned to one version"),
    ("version that is another", QUEUE, '"6.32.1"', '"6.32.0"', "is 6.32.0 here and 6.32.1 in"),
    ("provider that is not required", QUEUE, "    aws = {", "    awss = {", "required_providers does not have `aws`",
     'resource "aws_sqs_queue"'),
    ("resource declared twice", QUEUE, 'resource "aws_sns_topic_subscription" "this" {',
     'resource "aws_sqs_queue" "this" {}\n\nresource "aws_sns_topic_subscription" "this" {', "declared twice",
     'resource "aws_sqs_queue" "this" {}'),
    ("no HCL", QUEUE, 'resource "aws_sqs_queue" "this" {', 'resource "aws_sqs_queue" "this" {{', "unexpected"),
    # calls of modules
    ("unknown variable in a call", MAIN, "  topic_arn = aws_sns_topic.alarms.arn\n}\n\nmoved",
     "  topic_arn = aws_sns_topic.alarms.arn\n  topic = 1\n}\n\nmoved", "no variable `topic`, did you mean `topic_arn`?",
     "  topic = 1"),
    ("missing variable in a call", MAIN, "  topic_arn = aws_sns_topic.alarms.arn\n}\n\nmoved", "}\n\nmoved",
     "module `queue` needs the variable `topic_arn`", 'module "queue"'),
    ("module that is not there", MAIN, '"../queue"', '"../qeueu"', "there is no module in ../qeueu"),
    ("module of a registry", MAIN, '"../queue"', '"terraform-aws-modules/sqs/aws"', "no path in this repository"),
    # the lab's stand-in
    ("output that only the stand-in has", LAB, 'output "queue_url"', 'output "queue_uri"',
     "no output `queue_uri`, did you mean `queue_url`?"),
    ("type that only the stand-in has", LAB, "  type = string", "  type = number", "not of the type", 'variable "region"'),
    # files of values
    ("value that no variable takes", VALUES, "ports = {", "port = {", "no module here has a variable `port`, did you mean `ports`?"),
    ("value of another type", VALUES, "ports = {\n  web = { from = 443 }\n}", "ports = 443", "not of the type of variable `ports`"),
    # Terragrunt
    ("include of nothing", UNIT, '"root.hcl"', '"rot.hcl"', "no rot.hcl to include"),
    ("dependency on nothing", UNIT, '"../network"', '"../netwrok"', "no terragrunt.hcl in ../netwrok"),
    ("dangling output of a dependency", UNIT, "dependency.network.outputs.vpc_id", "dependency.network.outputs.vpc",
     "dependency `network` has no output `vpc`, did you mean `vpc_id`?"),
    ("dangling dependency", UNIT, "dependency.network.outputs.vpc_id", "dependency.net.outputs.vpc_id",
     "no dependency `net`"),
    ("dangling local of an include", UNIT, "include.root.locals.region", "include.root.locals.regoin",
     "root.hcl has no local `regoin`, did you mean `region`?"),
    ("input that no variable takes", UNIT, "  vpc_id  = dep", "  vpcid  = dep", "no module here has a variable `vpcid`"),
    ("shared input that no variable takes", ROOT, "  environment =", "  enviroment =",
     "no module here has a variable `enviroment`, did you mean `environment`?"),
    ("mock of no output", UNIT, '    vpc_id  = "vpc-1"', '    vpc  = "vpc-1"', "has no output `vpc`", "  mock_outputs"),
    ("unknown function of Terragrunt", ROOT, "get_env(", "getenv(", "no function `getenv`, did you mean `get_env`?"),
    ("unknown argument of the state", ROOT, "use_lockfile", "use_lock_file", "no argument `use_lock_file`"),
    ("unknown block of Terragrunt", ROOT, "remote_state {", "remote_stat {", "no block `remote_stat`"),
)]
