"""What Terraform itself defines: blocks of the language, meta-arguments, and the resources that need no provider.

The form is that of derive.py; `free` marks a body in which everything may stand.
"""


def _attributes(required="", optional=""):
    return {
        **{name: {"type": "any", "required": True} for name in required.split()},
        **{name: {"type": "any"} for name in optional.split()},
    }


def _block(of, single=False, required=False):
    return {"type": "any", "block": True, "of": of, **({"single": True} if single else {}),
            **({"required": True} if required else {})}


CONDITION = _attributes("condition error_message")

STRUCTS = {
    "condition": CONDITION,
    "free": {"*": {}},
    "lifecycle": {**_attributes("", "create_before_destroy prevent_destroy ignore_changes replace_triggered_by"),
                  "precondition": _block("condition"), "postcondition": _block("condition")},
    "data_lifecycle": {"precondition": _block("condition"), "postcondition": _block("condition")},
    "provisioner": {**_attributes("", "when on_failure command working_dir interpreter environment quiet inline script "
                                      "scripts source content destination"), "connection": _block("free", single=True)},
    "variable": {**_attributes("", "type description default sensitive nullable ephemeral"),
                 "validation": _block("condition")},
    "output": {**_attributes("value", "description sensitive ephemeral depends_on"), "precondition": _block("condition")},
    "locals": {"*": {}},
    "provider": {"*": {}},
    "terraform": {**_attributes("", "required_version experiments"), "required_providers": _block("free", single=True),
                  "backend": _block("free", single=True), "cloud": _block("free", single=True), "provider_meta": _block("free")},
    "moved": _attributes("from to"),
    "import": _attributes("to", "id identity provider for_each"),
    "removed": {**_attributes("from"), "lifecycle": _block("removed_lifecycle", single=True)},
    "removed_lifecycle": _attributes("destroy"),
    "check": {"data": _block("free", single=True), "assert": _block("condition", required=True)},
    "module": {"*": {}},
    "s3_backend": _attributes("", "bucket key region encrypt kms_key_id dynamodb_table use_lockfile profile role_arn "
                                  "acl workspace_key_prefix allowed_account_ids forbidden_account_ids assume_role "
                                  "endpoints max_retries shared_config_files shared_credentials_files "
                                  "skip_credentials_validation skip_region_validation skip_requesting_account_id "
                                  "skip_metadata_api_check skip_s3_checksum use_path_style sse_customer_key token "
                                  "access_key secret_key retry_mode sts_region use_dualstack_endpoint use_fips_endpoint"),
}

RESOURCE_META = {**_attributes("", "count for_each provider depends_on"), "lifecycle": _block("lifecycle", single=True),
                 "provisioner": _block("provisioner"), "connection": _block("free", single=True)}
DATA_META = {**_attributes("", "count for_each provider depends_on"),
             "lifecycle": _block("data_lifecycle", single=True)}
MODULE_META = _attributes("source", "version providers count for_each depends_on")
PROVIDER_META = _attributes("", "alias version")

# the provider that is in Terraform
TERRAFORM = {
    "resource": {"terraform_data": {"root": "root", "structs": {"root": {
        **_attributes("", "input triggers_replace"),
        "id": {"type": "string", "computed": True}, "output": {"type": "any", "computed": True}}}}},
    "data": {"terraform_remote_state": {"root": "root", "structs": {"root": {
        **_attributes("backend", "config workspace defaults"), "outputs": {"type": "any", "computed": True}}}}},
    "provider": {},
}

def _ephemeral(required, optional, computed):
    given = _attributes(required, optional)
    return {"root": "root", "structs": {"root": {
        **given, **{name: {"type": "any", "computed": True} for name in computed.split()}}}}


# Ephemeral resources, which the sources of derive.py do not have
EPHEMERAL = {
    "aws_secretsmanager_random_password": _ephemeral(
        "", "exclude_characters exclude_lowercase exclude_numbers exclude_punctuation exclude_uppercase include_space "
            "password_length region require_each_included_type", "random_password"),
    "aws_secretsmanager_secret_version": _ephemeral(
        "secret_id", "region version_id version_stage", "arn created_date secret_binary secret_string version_stages"),
    "aws_ssm_parameter": _ephemeral("arn", "region with_decryption", "name type value version"),
    "random_password": _ephemeral(
        "length", "lower min_lower min_numeric min_special min_upper numeric override_special special upper",
        "bcrypt_hash result"),
}

# Terragrunt's own
TERRAGRUNT_BLOCKS = ("terraform", "remote_state", "include", "locals", "dependency", "dependencies", "generate", "engine",
                     "feature", "exclude", "errors", "catalog")
TERRAGRUNT_ATTRIBUTES = ("inputs", "download_dir", "prevent_destroy", "iam_role", "iam_assume_role_duration",
                         "iam_assume_role_session_name", "iam_web_identity_token", "terraform_binary",
                         "terraform_version_constraint", "terragrunt_version_constraint")
TERRAGRUNT_S3 = ("disable_aws_client_checksums", "disable_bucket_update", "enable_lock_table_ssencryption",
                 "s3_bucket_tags", "dynamodb_table_tags", "accesslogging_bucket_name", "accesslogging_bucket_tags",
                 "accesslogging_target_prefix", "bucket_sse_algorithm", "bucket_sse_kms_key_id", "s3_bucket_tags",
                 "skip_accesslogging_bucket_acl", "skip_bucket_accesslogging", "skip_bucket_enforced_tls",
                 "skip_bucket_public_access_blocking", "skip_bucket_root_access", "skip_bucket_ssencryption",
                 "skip_bucket_versioning", "force_path_style", "external_id", "session_name", "lock_table")
_ANY_NUMBER = """find_in_parent_folders path_relative_to_include path_relative_from_include get_env get_platform
get_terragrunt_dir get_original_terragrunt_dir get_parent_terragrunt_dir get_working_dir get_repo_root
get_path_from_repo_root get_path_to_repo_root get_aws_account_id get_aws_account_alias get_aws_caller_identity_arn
get_aws_caller_identity_user_id get_terraform_command get_terraform_cli_args get_default_retryable_errors
get_terraform_commands_that_need_vars get_terraform_commands_that_need_input get_terraform_commands_that_need_locking
get_terraform_commands_that_need_parallelism get_terragrunt_source_cli_flag read_terragrunt_config read_tfvars_file
sops_decrypt_file run_cmd mark_as_read startswith endswith strcontains timecmp constraint_check"""
TERRAGRUNT_FUNCTIONS = {name: (0, None, "any") for name in _ANY_NUMBER.split()}
