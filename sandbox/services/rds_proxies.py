# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""RDS: proxies, which moto makes and forgets: neither changed, nor checked, nor busy, and without other endpoints.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBProxy.html and the operations like it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from moto.core.utils import utcnow
from moto.ec2.models import ec2_backends
from moto.rds.exceptions import InvalidParameterCombination, InvalidParameterValue
from moto.rds.models import DBProxy, DBProxyTarget, DBProxyTargetGroup, RDSBackend, RDSBaseModel

from sandbox.clock import CLOCK
from sandbox.errors import ServiceError
from sandbox.operations import Request, mend, operation
from sandbox.services import rds_clusters

_DEFAULT = "default"
_NOT_CHECKED = "It crashes on what it does not know, and is never busy."
_ENGINES = {"MYSQL": ("mysql", "mariadb"), "POSTGRESQL": ("postgres",), "SQLSERVER": ("sqlserver",)}

# How clients give their passwords unless it is told. AWS tells it of RDS only, in UserAuthConfig of the API's model.
_PASSWORDS = {
    "MYSQL": "MYSQL_CACHING_SHA2_PASSWORD",
    "POSTGRESQL": "POSTGRES_SCRAM_SHA_256",
    "SQLSERVER": "SQL_SERVER_AUTHENTICATION",
}

# In which states an instance can be registered; the words of AWS:
# https://github.com/hashicorp/terraform-provider-aws/pull/19096
_REGISTRABLE = ("available", "modifying", "backing-up")


def _proxy(request: Request) -> DBProxy:
    name = request.params["DBProxyName"].lower()
    proxy = request.backend.db_proxies.get(name)
    if proxy is None:
        raise ServiceError("DBProxyNotFoundFault", f"There is no proxy {name}.")
    return proxy


def _refuse_unready(proxy: DBProxy) -> None:
    if proxy.status != "available":
        raise ServiceError("InvalidDBProxyStateFault", f"The proxy {proxy.db_proxy_name} is {proxy.status}.")


def _group(request: Request) -> DBProxyTargetGroup:
    proxy, name = _proxy(request), request.params.get("TargetGroupName", _DEFAULT)
    if name not in proxy.proxy_target_groups:
        raise ServiceError("DBProxyTargetGroupNotFoundFault", f"There is no target group {name}.")
    return proxy.proxy_target_groups[name]


def _vpc_of(backend: RDSBackend, subnet_ids: list[str]) -> str:
    """The VPC of subnets that a proxy can be in: of one VPC and of two zones.

    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy-network-prereqs.html
    """
    ec2 = ec2_backends[backend.account_id][backend.region_name]
    subnets = [subnet for subnet in ec2.describe_subnets() if subnet.id in subnet_ids]
    vpcs = {subnet.vpc_id for subnet in subnets}
    if len(subnets) < len(set(subnet_ids)) or len(vpcs) != 1:
        raise ServiceError("InvalidSubnet", "A subnet is not there, or not all are in one VPC.")
    if len({subnet.availability_zone for subnet in subnets}) < 2:
        raise ServiceError("InvalidSubnet", "The subnets have to be in two zones at least.")
    return vpcs.pop()


def _security_groups(backend: RDSBackend, vpc: str, told: list[str] | None) -> list[str]:
    ec2 = ec2_backends[backend.account_id][backend.region_name]
    if not told:
        return [ec2.get_default_security_group(vpc).id]
    for group in told:
        if ec2.get_security_group_from_id(group) is None:
            raise InvalidParameterValue(f"The security group {group} does not exist.")
    return told


def _check_timeout(params: dict[str, Any]) -> None:
    if not 1 <= params.get("IdleClientTimeout", 1) <= 28800:
        raise InvalidParameterValue("IdleClientTimeout must be between 1 and 28800.")


def _auth(family: str, told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The secrets as AWS answers them, with what was not told."""
    if not told:
        raise InvalidParameterCombination("Auth is needed.")
    if any(secret.get("IAMAuth") == "ENABLED" for secret in told) and family != "SQLSERVER":
        raise InvalidParameterValue("IAMAuth ENABLED is for SQLSERVER.")
    defaults = {"AuthScheme": "SECRETS", "IAMAuth": "DISABLED", "ClientPasswordAuthType": _PASSWORDS[family]}
    return [{**defaults, **secret} for secret in told]


def _describe(proxy: DBProxy) -> dict[str, Any]:
    return {
        "DBProxyName": proxy.db_proxy_name,
        "DBProxyArn": proxy.arn,
        "Status": proxy.status,
        "EngineFamily": proxy.engine_family,
        "VpcId": proxy.vpc_id,
        "VpcSecurityGroupIds": proxy.vpc_security_group_ids,
        "VpcSubnetIds": proxy.vpc_subnet_ids,
        "Auth": proxy.auth,
        "RoleArn": proxy.role_arn,
        "Endpoint": proxy.endpoint,
        "RequireTLS": proxy.require_tls,
        "IdleClientTimeout": proxy.idle_client_timeout,
        "DebugLogging": proxy.debug_logging,
        "CreatedDate": proxy.created_date,
        "UpdatedDate": proxy.updated_date,
    }


# Proxies


@operation("rds", "CreateDBProxy", instead_of_moto=_NOT_CHECKED)
def create_db_proxy(request: Request) -> dict[str, Any]:
    params, backend = request.params, request.backend
    name, subnets = params["DBProxyName"].lower(), params["VpcSubnetIds"]
    _check_timeout(params)
    vpc = _vpc_of(backend, subnets)
    proxy = backend.create_db_proxy(
        db_proxy_name=name,
        engine_family=params["EngineFamily"],
        auth=_auth(params["EngineFamily"], params.get("Auth", [])),
        role_arn=params["RoleArn"],
        vpc_subnet_ids=subnets,
        vpc_security_group_ids=_security_groups(backend, vpc, params.get("VpcSecurityGroupIds")),
        require_tls=params.get("RequireTLS", False),
        idle_client_timeout=params.get("IdleClientTimeout"),
        debug_logging=params.get("DebugLogging", False),
        tags=params.get("Tags", []),
    )
    proxy.endpoint = f"{name}.proxy-{proxy.url_identifier}.{proxy.region}.rds.amazonaws.com"
    most = 10 if proxy.engine_family == "SQLSERVER" else 100
    group = proxy.proxy_target_groups[_DEFAULT]
    group.max_connections, group.max_idle_connections, group.init_query = most, most // 2, ""
    CLOCK.turn(proxy, "status", "creating", "available", "rds_proxy.creation")
    return {"DBProxy": _describe(proxy)}


@operation("rds", "DescribeDBProxies", instead_of_moto=_NOT_CHECKED)
def describe_db_proxies(request: Request) -> dict[str, Any]:
    proxies = [_proxy(request)] if "DBProxyName" in request.params else request.backend.db_proxies.values()
    return {"DBProxies": [_describe(proxy) for proxy in proxies]}


@operation("rds", "ModifyDBProxy")
def modify_db_proxy(request: Request) -> dict[str, Any]:
    """What is told takes the place of what was; a new name, nobody here gives."""
    proxy, params = _proxy(request), request.params
    _refuse_unready(proxy)
    _check_timeout(params)
    if "Auth" in params:
        proxy.auth = _auth(proxy.engine_family, params["Auth"])
    if "SecurityGroups" in params:
        proxy.vpc_security_group_ids = _security_groups(request.backend, proxy.vpc_id, params["SecurityGroups"])
    proxy.role_arn = params.get("RoleArn", proxy.role_arn)
    proxy.require_tls = params.get("RequireTLS", proxy.require_tls)
    proxy.idle_client_timeout = params.get("IdleClientTimeout", proxy.idle_client_timeout)
    proxy.debug_logging = params.get("DebugLogging", proxy.debug_logging)
    proxy.updated_date = utcnow()
    CLOCK.turn(proxy, "status", "modifying", "available", "rds_proxy.modification")
    return {"DBProxy": _describe(proxy)}


@operation("rds", "DeleteDBProxy", instead_of_moto=_NOT_CHECKED)
def delete_db_proxy(request: Request) -> dict[str, Any]:
    """It can be deleted while it is being created, and takes its endpoints with it."""
    proxy, proxies = _proxy(request), request.backend.db_proxies
    if proxy.status == "deleting":
        raise ServiceError("InvalidDBProxyStateFault", f"The proxy {proxy.db_proxy_name} is being deleted.")
    proxy.status = "deleting"
    described = _describe(proxy)
    endpoints = _endpoints(request.backend)
    for endpoint in [endpoint for endpoint in endpoints.values() if endpoint.proxy is proxy]:
        _take_away(endpoints, endpoint)
    del proxies[proxy.db_proxy_name]
    CLOCK.linger(proxies, proxy.db_proxy_name, proxy, "rds_proxy.deletion")
    return {"DBProxy": described}


# The connection pool


@operation("rds", "DescribeDBProxyTargetGroups", instead_of_moto=_NOT_CHECKED)
def describe_db_proxy_target_groups(request: Request) -> dict[str, Any]:
    return {"TargetGroups": [_describe_group(_group(request))]}


def _describe_group(group: DBProxyTargetGroup) -> dict[str, Any]:
    query = {"InitQuery": group.init_query} if group.init_query else {}
    return {
        "DBProxyName": group.db_proxy_name,
        "TargetGroupName": group.target_group_name,
        "TargetGroupArn": group.arn,
        "IsDefault": True,
        "Status": group.status,
        "ConnectionPoolConfig": {**group.connection_pool_config, **query},
        "CreatedDate": group.created_date,
        "UpdatedDate": group.updated_date,
    }


@operation("rds", "ModifyDBProxyTargetGroup", instead_of_moto=_NOT_CHECKED)
def modify_db_proxy_target_group(request: Request) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ConnectionPoolConfiguration.html"""
    proxy, group, config = _proxy(request), _group(request), request.params.get("ConnectionPoolConfig", {})
    _refuse_unready(proxy)
    most, idle = config.get("MaxConnectionsPercent"), config.get("MaxIdleConnectionsPercent")
    if idle is not None and most is None:
        raise InvalidParameterCombination("MaxIdleConnectionsPercent needs MaxConnectionsPercent.")
    if most is not None and not (1 <= most <= 100 and 0 <= (idle or 0) <= most):
        raise InvalidParameterValue("MaxConnectionsPercent or MaxIdleConnectionsPercent is out of its range.")
    if not 0 <= config.get("ConnectionBorrowTimeout", 0) <= 300:
        raise InvalidParameterValue("ConnectionBorrowTimeout must be between 0 and 300.")
    filters = config.get("SessionPinningFilters", group.session_pinning_filters)
    if filters and (proxy.engine_family != "MYSQL" or filters != ["EXCLUDE_VARIABLE_SETS"]):
        raise InvalidParameterValue("SessionPinningFilters can only be EXCLUDE_VARIABLE_SETS, of MYSQL.")
    if most is not None:
        group.max_connections = most
        group.max_idle_connections = most // 2 if idle is None else idle
    group.borrow_timeout = config.get("ConnectionBorrowTimeout", group.borrow_timeout)
    group.session_pinning_filters = filters
    group.init_query = config.get("InitQuery", group.init_query)
    group.updated_date = utcnow()
    CLOCK.turn(proxy, "status", "modifying", "available", "rds_proxy.modification")
    return {"DBProxyTargetGroup": _describe_group(group)}


# Targets: a cluster is told with its instances, which the proxy follows


def _target(backend: RDSBackend, kind: str, name: str, cluster: str | None, endpoint: str | None) -> DBProxyTarget:
    target = DBProxyTarget(backend, name, endpoint, kind)
    target.tracked_cluster_id = cluster
    return target


@operation("rds", "RegisterDBProxyTargets", instead_of_moto=_NOT_CHECKED)
def register_db_proxy_targets(request: Request) -> dict[str, Any]:
    proxy, group, backend = _proxy(request), _group(request), request.backend
    _refuse_unready(proxy)
    clusters = request.params.get("DBClusterIdentifiers", [])
    instances = request.params.get("DBInstanceIdentifiers", [])
    if len(clusters) + len(instances) != 1:
        raise InvalidParameterCombination("A target group has one cluster or one instance.")
    if group.targets:
        raise ServiceError("DBProxyTargetAlreadyRegisteredFault", "The proxy has a target already.")
    if clusters:
        cluster = rds_clusters._cluster(backend, clusters[0])
        rds_clusters._refuse_unready_cluster(backend, cluster.db_cluster_identifier, "creating", "deleting")
        _check_engine(proxy, cluster.engine)
        for member in cluster.members:
            _check_instance(member)
        name = cluster.db_cluster_identifier
        target = _target(backend, "TRACKED_CLUSTER", name, None, cluster.endpoint)
    else:
        instance = backend.databases.get(instances[0])
        if instance is None:
            raise ServiceError("DBInstanceNotFound", f"DBInstance {instances[0]} not found.")
        _check_instance(instance)
        _check_engine(proxy, instance.engine)
        target = _target(backend, "RDS_INSTANCE", instance.db_instance_identifier, None, None)
    group.targets.append(target)
    CLOCK.turn(target, "health", "REGISTERING", "AVAILABLE", "rds_proxy_target.registration")
    return {"DBProxyTargets": _describe_target(backend, target)}


def _check_instance(instance: Any) -> None:
    if instance.status not in _REGISTRABLE:
        state = instance.status.upper().replace("-", "_")
        message = (
            f"DB Instance {instance.db_instance_identifier} is in an unsupported state - {state}, needs to be in "
            "[AVAILABLE, MODIFYING, BACKING_UP]"
        )
        raise ServiceError("InvalidDBInstanceState", message)


def _check_engine(proxy: DBProxy, engine: str) -> None:
    """The words of AWS: https://github.com/hashicorp/terraform-provider-aws/issues/15486"""
    if not any(name in engine for name in _ENGINES[proxy.engine_family]):
        raise InvalidParameterValue("Unsupported Database engine or engine mode for DB Cluster")


def _describe_target(backend: RDSBackend, target: DBProxyTarget) -> list[dict[str, Any]]:
    health = {"TargetHealth": {"State": target.health}}
    if target.type == "RDS_INSTANCE":
        instance = backend.databases.get(target.rds_resource_id)
        endpoint = {"Endpoint": instance.endpoint["Address"], "Port": instance.port} if instance else {}
        described = {"RdsResourceId": target.rds_resource_id, "Type": target.type, "Role": "READ_WRITE"}
        return [{**described, **endpoint, **health}]
    cluster = backend.clusters.get(target.rds_resource_id)
    if cluster is None:
        return []
    port = {"Port": cluster.port}
    described = {"RdsResourceId": target.rds_resource_id, "Type": target.type, "Endpoint": cluster.endpoint, **port}
    members = [
        {
            "RdsResourceId": member["DBInstanceIdentifier"],
            "Type": "RDS_INSTANCE",
            "TrackedClusterId": target.rds_resource_id,
            "Role": "READ_WRITE" if member["IsClusterWriter"] else "READ_ONLY",
            **port,
            **health,
        }
        for member in cluster.db_cluster_members
    ]
    return [described, *members]


@operation("rds", "DescribeDBProxyTargets", instead_of_moto=_NOT_CHECKED)
def describe_db_proxy_targets(request: Request) -> dict[str, Any]:
    targets = _group(request).targets
    return {"Targets": [told for target in targets for told in _describe_target(request.backend, target)]}


@operation("rds", "DeregisterDBProxyTargets", instead_of_moto=_NOT_CHECKED)
def deregister_db_proxy_targets(request: Request) -> dict[str, Any]:
    proxy, group, params = _proxy(request), _group(request), request.params
    _refuse_unready(proxy)
    for kind, member in (("TRACKED_CLUSTER", "DBClusterIdentifiers"), ("RDS_INSTANCE", "DBInstanceIdentifiers")):
        for name in params.get(member, []):
            if (kind, name) not in [(target.type, target.rds_resource_id) for target in group.targets]:
                raise ServiceError("DBProxyTargetNotFoundFault", f"{name} is no target of the proxy.")
            group.targets = [target for target in group.targets if target.rds_resource_id != name]
    return {}


# Endpoints beside a proxy's own


class ProxyEndpoint(RDSBaseModel):
    resource_type = "db-proxy-endpoint"

    def __init__(self, backend: RDSBackend, proxy: DBProxy, name: str, params: dict[str, Any]):
        super().__init__(backend)
        self.proxy = proxy
        self.name = name
        self.subnets = params["VpcSubnetIds"]
        self.vpc = _vpc_of(backend, self.subnets)
        self.groups = _security_groups(backend, self.vpc, params.get("VpcSecurityGroupIds"))
        self.role = params.get("TargetRole", "READ_WRITE")
        self.tags = params.get("Tags", [])
        self.created = utcnow()
        self.status = "available"
        self.unique_id = f"prx-endpoint-{secrets.token_hex(9)[:17]}"

    @property
    def resource_id(self) -> str:
        return self.unique_id

    def describe(self) -> dict[str, Any]:
        host = f"{self.name}.endpoint.proxy-{self.proxy.url_identifier}"
        return {
            "DBProxyEndpointName": self.name,
            "DBProxyEndpointArn": self.arn,
            "DBProxyName": self.proxy.db_proxy_name,
            "Status": self.status,
            "VpcId": self.vpc,
            "VpcSecurityGroupIds": self.groups,
            "VpcSubnetIds": self.subnets,
            "Endpoint": f"{host}.{self.region}.rds.amazonaws.com",
            "CreatedDate": self.created,
            "TargetRole": self.role,
            "IsDefault": False,
        }


def _endpoints(backend: RDSBackend) -> dict[str, ProxyEndpoint]:
    return backend.resource_map.setdefault(ProxyEndpoint, {})


def _endpoint(request: Request) -> ProxyEndpoint:
    name = request.params["DBProxyEndpointName"].lower()
    endpoint = _endpoints(request.backend).get(name)
    if endpoint is None:
        raise ServiceError("DBProxyEndpointNotFoundFault", f"There is no proxy endpoint {name}.")
    return endpoint


def _take_away(endpoints: dict[str, ProxyEndpoint], endpoint: ProxyEndpoint) -> None:
    endpoint.status = "deleting"
    del endpoints[endpoint.name]
    CLOCK.linger(endpoints, endpoint.name, endpoint, "rds_proxy_endpoint.deletion")


def _refuse_unready_endpoint(endpoint: ProxyEndpoint) -> None:
    if endpoint.status != "available":
        message = f"The proxy endpoint {endpoint.name} is {endpoint.status}."
        raise ServiceError("InvalidDBProxyEndpointStateFault", message)


@operation("rds", "CreateDBProxyEndpoint")
def create_db_proxy_endpoint(request: Request) -> dict[str, Any]:
    params, backend = request.params, request.backend
    proxy, name = _proxy(request), params["DBProxyEndpointName"].lower()
    _refuse_unready(proxy)
    if name in _endpoints(backend):
        raise ServiceError("DBProxyEndpointAlreadyExistsFault", f"There is a proxy endpoint {name} already.")
    endpoint = ProxyEndpoint(backend, proxy, name, params)
    _endpoints(backend)[name] = endpoint
    CLOCK.turn(endpoint, "status", "creating", "available", "rds_proxy_endpoint.creation")
    return {"DBProxyEndpoint": endpoint.describe()}


@operation("rds", "DescribeDBProxyEndpoints")
def describe_db_proxy_endpoints(request: Request) -> dict[str, Any]:
    params = request.params
    if "DBProxyEndpointName" in params:
        return {"DBProxyEndpoints": [_endpoint(request).describe()]}
    proxy = _proxy(request) if "DBProxyName" in params else None
    endpoints = _endpoints(request.backend).values()
    return {"DBProxyEndpoints": [each.describe() for each in endpoints if proxy in (None, each.proxy)]}


@operation("rds", "ModifyDBProxyEndpoint")
def modify_db_proxy_endpoint(request: Request) -> dict[str, Any]:
    endpoint = _endpoint(request)
    _refuse_unready_endpoint(endpoint)
    if "VpcSecurityGroupIds" in request.params:
        endpoint.groups = _security_groups(request.backend, endpoint.vpc, request.params["VpcSecurityGroupIds"])
    CLOCK.turn(endpoint, "status", "modifying", "available", "rds_proxy_endpoint.modification")
    return {"DBProxyEndpoint": endpoint.describe()}


@operation("rds", "DeleteDBProxyEndpoint")
def delete_db_proxy_endpoint(request: Request) -> dict[str, Any]:
    endpoint, endpoints = _endpoint(request), _endpoints(request.backend)
    if endpoint.status == "deleting":
        raise ServiceError("InvalidDBProxyEndpointStateFault", f"The proxy endpoint {endpoint.name} is being deleted.")
    _take_away(endpoints, endpoint)
    return {"DBProxyEndpoint": endpoint.describe()}


@mend(RDSBackend, "_get_resource_for_tagging")
def resource_for_tagging(original: Callable, self: Any, arn: str) -> Any:
    named = (endpoint for endpoint in _endpoints(self).values() if endpoint.arn == arn)
    return next(named, None) or original(self, arn)
