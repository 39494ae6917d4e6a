"""Threagile's words and ours, for what is not written out in tags."""

from __future__ import annotations

from types import MappingProxyType

from jalon.design.spec.architecture import Exposure, Layer

TECHNOLOGY_OF_KIND = MappingProxyType(
    {
        "sensor": "iot-device",
        "actuator": "iot-device",
        "display": "iot-device",
        "camera": "iot-device",
        "microphone": "iot-device",
        "tag": "iot-device",
        "wearable": "iot-device",
        "vehicle-unit": "iot-device",
        "gateway": "gateway",
        "router": "gateway",
        "bridge": "gateway",
        "network-server": "message-queue",
        "broker": "message-queue",
        "store": "database",
        "api": "web-service-rest",
        "pages": "web-application",
        "mobile-app": "mobile-app",
        "report": "report-engine",
        "notifier": "mail-server",
        "model": "ai",
        "identity-store": "identity-provider",
        "certificate-authority": "vault",
        "join-server": "vault",
        "secure-element": "hsm",
        "monitoring": "monitoring",
        "update-server": "artifact-registry",
        "edge-computer": "stream-processing",
        "service": "application-server",
    }
)
KIND_OF_TECHNOLOGY = MappingProxyType(
    {
        "iot-device": ("sensor", Layer.PERCEPTION),
        "gateway": ("gateway", Layer.NETWORK),
        "message-queue": ("broker", Layer.NETWORK),
        "load-balancer": ("router", Layer.NETWORK),
        "reverse-proxy": ("router", Layer.NETWORK),
        "database": ("store", Layer.PROCESSING),
        "file-server": ("store", Layer.PROCESSING),
        "data-lake": ("store", Layer.PROCESSING),
        "block-storage": ("store", Layer.PROCESSING),
        "web-application": ("pages", Layer.APPLICATION),
        "web-server": ("pages", Layer.APPLICATION),
        "browser": ("pages", Layer.APPLICATION),
        "client-system": ("pages", Layer.APPLICATION),
        "desktop": ("pages", Layer.APPLICATION),
        "mobile-app": ("mobile app", Layer.APPLICATION),
        "web-service-rest": ("api", Layer.APPLICATION),
        "web-service-soap": ("api", Layer.APPLICATION),
        "report-engine": ("report", Layer.APPLICATION),
        "mail-server": ("notifier", Layer.APPLICATION),
        "identity-provider": ("identity store", Layer.SECURITY),
        "identity-store-ldap": ("identity store", Layer.SECURITY),
        "identity-store-database": ("identity store", Layer.SECURITY),
        "ldap-server": ("identity store", Layer.SECURITY),
        "vault": ("secure element", Layer.SECURITY),
        "hsm": ("secure element", Layer.SECURITY),
        "waf": ("router", Layer.SECURITY),
        "ids": ("monitoring", Layer.SECURITY),
        "ips": ("monitoring", Layer.SECURITY),
        "monitoring": ("monitoring", Layer.SECURITY),
        "artifact-registry": ("update server", Layer.PROCESSING),
    }
)
"""What is not here is a service of the processing layer."""
PROTOCOLS = MappingProxyType(
    {
        "http": ("HTTP", None),
        "https": ("HTTPS", "TLS"),
        "ws": ("HTTP", None),
        "wss": ("HTTPS", "TLS"),
        "reverse-proxy-web-protocol": ("HTTP", None),
        "reverse-proxy-web-protocol-encrypted": ("HTTPS", "TLS"),
        "mqtt": ("MQTT", None),
        "ssh": ("SSH", "SSH"),
        "ssh-tunnel": ("SSH", "SSH"),
        "sftp": ("SFTP", "SSH"),
        "scp": ("SFTP", "SSH"),
        "ftp": ("FTP", "none"),
        "ftps": ("FTP", "TLS"),
        "smtp": ("SMTP", "none"),
        "smtp-encrypted": ("SMTP", "TLS"),
        "jdbc": ("SQL", "none"),
        "jdbc-encrypted": ("SQL", "TLS"),
        "sql-access-protocol": ("SQL", "none"),
        "sql-access-protocol-encrypted": ("SQL", "TLS"),
        "in-process-library-call": ("in process", None),
        "inter-process-communication": ("in process", None),
        "local-file-access": ("in process", None),
    }
)
"""Theirs → our protocol and encryption."""
PROTOCOL_OF_OURS = MappingProxyType(
    {
        "https": "https",
        "http": "http",
        "mqtt": "mqtt",
        "sparkplug": "mqtt",
        "sftp": "sftp",
        "ftp": "ftp",
        "smtp": "smtp-encrypted",
        "sql": "sql-access-protocol",
        "in-process": "in-process-library-call",
    }
)
"""By the ids of flow_protocols.yaml; what is not here is `binary`, encrypted or not."""
AUTHENTICATION = MappingProxyType(
    {
        "none": "none",
        "credentials": "password",
        "session-id": "account and session",
        "token": "token",
        "client-certificate": "client certificate",
        "two-factor": "account with second factor",
        "externalized": "single sign-on (sso)",
    }
)
AUTHENTICATION_OF_MEANS = MappingProxyType(
    {
        "certificate": "client-certificate",
        "key": "token",
        "session": "session-id",
        "token": "token",
        "password": "credentials",
        "weak": "credentials",
    }
)
EXPOSURES = MappingProxyType(
    {
        "network-on-prem": Exposure.PRIVATE,
        "network-dedicated-hoster": Exposure.PRIVATE,
        "network-virtual-lan": Exposure.PRIVATE,
        "network-cloud-provider": Exposure.SHARED,
        "network-cloud-security-group": Exposure.PRIVATE,
        "network-policy-namespace-isolation": Exposure.PRIVATE,
        "execution-environment": Exposure.RESTRICTED,
    }
)
BOUNDARIES = MappingProxyType(
    {
        Exposure.PUBLIC: "network-cloud-provider",
        Exposure.SHARED: "network-cloud-provider",
        Exposure.PRIVATE: "network-on-prem",
        Exposure.RESTRICTED: "execution-environment",
    }
)
SECRECY = ("public", "restricted", "confidential", "strictly-confidential")
WORTH = ("archive", "operational", "important", "critical")
"""Integrity and availability, 1 to 4; their fifth, mission-critical, is 4 too."""
LIKELIHOODS = ("unlikely", "likely", "very-likely", "frequent")
IMPACTS = ("low", "medium", "high", "very-high")
STRIDE = MappingProxyType(
    {
        "S": "spoofing",
        "T": "tampering",
        "R": "repudiation",
        "I": "information-disclosure",
        "D": "denial-of-service",
        "E": "elevation-of-privilege",
    }
)
SEVERITIES = ("low", "medium", "elevated", "high", "critical")


def worth_of(word: str) -> int:
    """1 to 4, of any of their scales; 2 for a word that is none."""
    for scale in (SECRECY, WORTH):
        if word in scale:
            return scale.index(word) + 1
    return {"internal": 2, "mission-critical": 4}.get(word, 2)
