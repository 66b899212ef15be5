"""Has the functions of the starter pack's module, which is not on PyPI, for `chaos validate`; they do nothing."""

from chaoslib.exceptions import ActivityFailed


def install_container_hog(
    cluster,
    service,
    hog_configuration,
    hog_delay_seconds=60,
    hog_image="public.ecr.aws/devlearnops/ecs-container-hog:latest",
    wait_service_stable=True,
    configuration=None,
    secrets=None,
):
    raise ActivityFailed("only the starter pack's own module installs a hog")


def update_service_configuration(
    cluster, service, container_name, environ, wait_service_stable=True, configuration=None, secrets=None
):
    raise ActivityFailed("only the starter pack's own module changes a service")


def restore_services(wait_service_stable=True, configuration=None, secrets=None):
    raise ActivityFailed("only the starter pack's own module restores services")
