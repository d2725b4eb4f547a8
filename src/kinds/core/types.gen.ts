// Generated from the schemas by `npm run generate`. Do not edit.

import type { ApiObject } from "../../object/kind.ts";
import type { Condition, LabelSelector, ObjectMeta } from "../../object/meta.gen.ts";

/** A disk of Amazon's cloud; served by its CSI driver. */
export interface AWSElasticBlockStoreVolumeSource {
  /** Id of the disk. */
  readonly volumeID: string;
  /** File system to mount. */
  readonly fsType?: string;
  /** Partition to mount; 0 for the whole disk. */
  readonly partition?: number;
  /** Mount read-only. */
  readonly readOnly?: boolean;
}

/** Constraints on where a pod goes. */
export interface Affinity {
  /** By what nodes are. */
  readonly nodeAffinity?: NodeAffinity;
  /** By which pods are near. */
  readonly podAffinity?: PodAffinity;
  /** By which pods must not be near. */
  readonly podAntiAffinity?: PodAntiAffinity;
}

/** Which AppArmor profile confines the process. */
export interface AppArmorProfile {
  /** Where the profile comes from. */
  readonly type: "Localhost" | "RuntimeDefault" | "Unconfined";
  /** Name of a profile loaded on the node, for Localhost. */
  readonly localhostProfile?: string;
}

/** A volume that is attached to the node. */
export interface AttachedVolume {
  /** Unique name of the volume. */
  readonly name: string;
  /** Device it appears as. */
  readonly devicePath: string;
}

/** A disk of Microsoft's cloud; served by its CSI driver. */
export interface AzureDiskVolumeSource {
  /** Name of the disk. */
  readonly diskName: string;
  /** Address of the disk. */
  readonly diskURI: string;
  /** Caching on the host. */
  readonly cachingMode?: "None" | "ReadOnly" | "ReadWrite";
  /** File system to mount. */
  readonly fsType?: string;
  /** Mount read-only. */
  readonly readOnly?: boolean;
  /** Sort of disk. */
  readonly kind?: "Shared" | "Dedicated" | "Managed";
}

/** A share of Microsoft's cloud; served by its CSI driver. */
export interface AzureFileVolumeSource {
  /** Secret with account name and key. */
  readonly secretName: string;
  /** Name of the share. */
  readonly shareName: string;
  /** Mount read-only. */
  readonly readOnly?: boolean;
}

/** Ties an object to another: a pod to a node. */
export interface Binding extends ApiObject {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** Name, labels and what else every object has. */
  readonly metadata?: ObjectMeta;
  /** The node to bind to. */
  readonly target: ObjectReference;
}

/** Storage of a CSI driver that lives as long as the pod. */
export interface CSIVolumeSource {
  /** Name of the driver. */
  readonly driver: string;
  /** Mount read-only. */
  readonly readOnly?: boolean;
  /** File system to mount; the driver's choice when empty. */
  readonly fsType?: string;
  /** Properties for the driver. */
  readonly volumeAttributes?: Readonly<Record<string, string>>;
  /** Secret for the driver. */
  readonly nodePublishSecretRef?: LocalObjectReference;
}

/** POSIX capabilities beside the runtime's default set. */
export interface Capabilities {
  /** Capabilities to add. */
  readonly add?: readonly string[];
  /** Capabilities to take away. */
  readonly drop?: readonly string[];
}

/** A Ceph file system; no longer supported. */
export interface CephFSVolumeSource {
  /** Ceph monitors. */
  readonly monitors: readonly string[];
  /** Directory to mount; the root when empty. */
  readonly path?: string;
  /** User to connect as; admin when empty. */
  readonly user?: string;
  /** Key ring file on the node. */
  readonly secretFile?: string;
  /** Secret with the key, instead of the file. */
  readonly secretRef?: LocalObjectReference;
  /** Mount read-only. */
  readonly readOnly?: boolean;
}

/** A disk of OpenStack; served by its CSI driver. */
export interface CinderVolumeSource {
  /** Id of the volume. */
  readonly volumeID: string;
  /** File system to mount. */
  readonly fsType?: string;
  /** Mount read-only. */
  readonly readOnly?: boolean;
  /** Secret with connection parameters. */
  readonly secretRef?: LocalObjectReference;
}

/** How long a client stays with an endpoint. */
export interface ClientIPConfig {
  /** Seconds of rest after which it may change. */
  readonly timeoutSeconds?: number;
}

/** Trust anchors from ClusterTrustBundles. */
export interface ClusterTrustBundleProjection {
  /** The one bundle to show, instead of signerName. */
  readonly name?: string;
  /** All bundles of this signer that labelSelector matches. */
  readonly signerName?: string;
  /** Which bundles of the signer; none when absent, all when empty. */
  readonly labelSelector?: LabelSelector;
  /** Relative path of the file. */
  readonly path: string;
  /** Whether the bundle may be missing. */
  readonly optional?: boolean;
}

/** Configuration as text and bytes under keys. */
export interface ConfigMap extends ApiObject {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** Name, labels and what else every object has. */
  readonly metadata?: ObjectMeta;
  /** Text values; the keys are fit to be file names. */
  readonly data?: Readonly<Record<string, string>>;
  /** Values that are not UTF-8; keys differ from those of data. */
  readonly binaryData?: Readonly<Record<string, string>>;
  /** Once true, data never changes again. */
  readonly immutable?: boolean;
}

/** All keys of a ConfigMap. */
export interface ConfigMapEnvSource {
  /** Name of the object. */
  readonly name?: string;
  /** Whether the ConfigMap may be missing. */
  readonly optional?: boolean;
}

/** Selects a key of a ConfigMap. */
export interface ConfigMapKeySelector {
  /** Name of the object. */
  readonly name?: string;
  /** The key. */
  readonly key: string;
  /** Whether the ConfigMap or the key may be missing. */
  readonly optional?: boolean;
}

/** A ConfigMap that once configured kubelets; no longer used. */
export interface ConfigMapNodeConfigSource {
  /** Namespace of the ConfigMap. */
  readonly namespace: string;
  /** Name of the ConfigMap. */
  readonly name: string;
  /** UID of the ConfigMap. */
  readonly uid?: string;
  /** Resource version of the ConfigMap. */
  readonly resourceVersion?: string;
  /** Key that holds the configuration. */
  readonly kubeletConfigKey: string;
}

/** Files from a ConfigMap's keys, in a projected volume. */
export interface ConfigMapProjection {
  /** Name of the object. */
  readonly name?: string;
  /** Keys to show and where; all keys by their own names when empty. */
  readonly items?: readonly KeyToPath[];
  /** Whether the ConfigMap or its keys may be missing. */
  readonly optional?: boolean;
}

/** Files from a ConfigMap's keys. */
export interface ConfigMapVolumeSource {
  /** Name of the object. */
  readonly name?: string;
  /** Keys to show and where; all keys by their own names when empty. */
  readonly items?: readonly KeyToPath[];
  /** Permission bits of the files. */
  readonly defaultMode?: number;
  /** Whether the ConfigMap or its keys may be missing. */
  readonly optional?: boolean;
}

/** A container of a pod. */
export interface Container {
  /** Unique in the pod; never changes. */
  readonly name: string;
  /** Image to run. */
  readonly image?: string;
  /** Program to run instead of the image's entry point; $(NAME) is expanded. */
  readonly command?: readonly string[];
  /** Arguments instead of the image's; $(NAME) is expanded. */
  readonly args?: readonly string[];
  /** Working directory; the image's when empty. */
  readonly workingDir?: string;
  /** Ports that it listens on; leaving one out does not close it. */
  readonly ports?: readonly ContainerPort[];
  /** Environment variables; they win over envFrom. */
  readonly env?: readonly EnvVar[];
  /** What it needs and may use at most. */
  readonly resources?: ResourceRequirements;
  /** Volumes to mount. */
  readonly volumeMounts?: readonly VolumeMount[];
  /** Its failure restarts the container. */
  readonly livenessProbe?: Probe;
  /** Its failure takes the pod out of Services. */
  readonly readinessProbe?: Probe;
  /** Actions around start and end. */
  readonly lifecycle?: Lifecycle;
  /** File whose content becomes the termination message; at most 4096 bytes. */
  readonly terminationMessagePath?: string;
  /** When to pull; Always for the tag latest or none, else IfNotPresent. */
  readonly imagePullPolicy?: "Always" | "IfNotPresent" | "Never";
  /** Identity and privileges. */
  readonly securityContext?: SecurityContext;
  /** Keep standard input open. */
  readonly stdin?: boolean;
  /** Close standard input when the first client that attached goes. */
  readonly stdinOnce?: boolean;
  /** Allocate a terminal; needs stdin. */
  readonly tty?: boolean;
  /** Sources of many variables; later ones win. */
  readonly envFrom?: readonly EnvFromSource[];
  /** Whether the end of the log stands in for an empty message after a failure. */
  readonly terminationMessagePolicy?: "File" | "FallbackToLogsOnError";
  /** Raw block devices. */
  readonly volumeDevices?: readonly VolumeDevice[];
  /** Until it succeeds the other probes wait; its failure restarts the container. */
  readonly startupProbe?: Probe;
  /** What changes of resources mean while it runs. */
  readonly resizePolicy?: readonly ContainerResizePolicy[];
  /** Overrides the pod's policy; Always on an init container makes a sidecar. */
  readonly restartPolicy?: "Always" | "OnFailure" | "Never";
  /** Rules on exit, tried in order before restartPolicy. */
  readonly restartPolicyRules?: readonly ContainerRestartRule[];
}

/** Which request of a claim serves a container's resource. */
export interface ContainerExtendedResourceRequest {
  /** Name of the container. */
  readonly containerName: string;
  /** Resource that the container asks for. */
  readonly resourceName: string;
  /** Request in the claim. */
  readonly requestName: string;
}

/** An image that is present on the node. */
export interface ContainerImage {
  /** Names and digests that the image is known by. */
  readonly names?: readonly string[];
  /** Size in bytes. */
  readonly sizeBytes?: number;
}

/** A port that the container listens on. */
export interface ContainerPort {
  /** Name that Services and probes may use; unique in the pod. */
  readonly name?: string;
  /** Port of the node that leads here; equals containerPort on the host network. */
  readonly hostPort?: number;
  /** Port number in the pod. */
  readonly containerPort: number;
  /** Protocol of the port. */
  readonly protocol?: "TCP" | "UDP" | "SCTP";
  /** Address of the node that hostPort binds to. */
  readonly hostIP?: string;
}

/** What a change of a resource means for a running container. */
export interface ContainerResizePolicy {
  /** The resource: cpu or memory. */
  readonly resourceName: string;
  /** Whether the container must restart. */
  readonly restartPolicy: "NotRequired" | "RestartContainer";
}

/** What to do when a container exits in a certain way. */
export interface ContainerRestartRule {
  /** What to do when the rule matches. */
  readonly action: "Restart" | "RestartAllContainers";
  /** Exit codes that match. */
  readonly exitCodes?: ContainerRestartRuleOnExitCodes;
}

/** Matches exit codes. */
export interface ContainerRestartRuleOnExitCodes {
  /** Whether the code must be among the values. */
  readonly operator: "In" | "NotIn";
  /** Exit codes. */
  readonly values?: readonly number[];
}

/** Where a container is in its life; at most one is set, waiting when none is. */
export interface ContainerState {
  /** It is yet to start. */
  readonly waiting?: ContainerStateWaiting;
  /** It runs. */
  readonly running?: ContainerStateRunning;
  /** It has ended. */
  readonly terminated?: ContainerStateTerminated;
}

/** The container runs. */
export interface ContainerStateRunning {
  /** Since when. */
  readonly startedAt?: string;
}

/** The container has ended. */
export interface ContainerStateTerminated {
  /** Exit status of its first process. */
  readonly exitCode: number;
  /** Signal that ended it, if one did. */
  readonly signal?: number;
  /** Why, in one CamelCase word: Completed, Error, OOMKilled, ... */
  readonly reason?: string;
  /** Its termination message. */
  readonly message?: string;
  /** When it started. */
  readonly startedAt?: string;
  /** When it ended. */
  readonly finishedAt?: string;
  /** Id of the container, "type://id". */
  readonly containerID?: string;
}

/** The container is yet to start. */
export interface ContainerStateWaiting {
  /** Why, in one CamelCase word. */
  readonly reason?: string;
  /** The same for people. */
  readonly message?: string;
}

/** What is observed of one container. */
export interface ContainerStatus {
  /** Name of the container. */
  readonly name: string;
  /** Where it is in its life. */
  readonly state?: ContainerState;
  /** How it ended the time before. */
  readonly lastState?: ContainerState;
  /** Whether it passes its readiness probe. */
  readonly ready: boolean;
  /** How often it was started again. */
  readonly restartCount: number;
  /** Image it runs. */
  readonly image: string;
  /** Digest of that image. */
  readonly imageID: string;
  /** Id of the container, "type://id". */
  readonly containerID?: string;
  /** Whether it has started and passed its startup probe. */
  readonly started?: boolean;
  /** Requests that the node has granted. */
  readonly allocatedResources?: Readonly<Record<string, string>>;
  /** Requests and limits in effect. */
  readonly resources?: ResourceRequirements;
  /** State of its mounts. */
  readonly volumeMounts?: readonly VolumeMountStatus[];
  /** Identity of its first process. */
  readonly user?: ContainerUser;
  /** Health of its devices. */
  readonly allocatedResourcesStatus?: readonly ResourceStatus[];
  /** Signal that asks it to stop. */
  readonly stopSignal?: string;
}

/** Identity of the first process. */
export interface ContainerUser {
  /** Identity on Linux. */
  readonly linux?: LinuxContainerUser;
}

/** Port of a daemon on the node. */
export interface DaemonEndpoint {
  /** TCP port. */
  readonly Port: number;
}

/** Files with information about the pod, in a projected volume. */
export interface DownwardAPIProjection {
  /** The files. */
  readonly items?: readonly DownwardAPIVolumeFile[];
}

/** A file with information about the pod. */
export interface DownwardAPIVolumeFile {
  /** Relative path of the file, without "..". */
  readonly path: string;
  /** Field of the pod: annotations, labels, name, namespace or uid. */
  readonly fieldRef?: ObjectFieldSelector;
  /** Request or limit of a container. */
  readonly resourceFieldRef?: ResourceFieldSelector;
  /** Permission bits of the file; the volume's default when absent. */
  readonly mode?: number;
}

/** Files with information about the pod. */
export interface DownwardAPIVolumeSource {
  /** The files. */
  readonly items?: readonly DownwardAPIVolumeFile[];
  /** Permission bits of the files. */
  readonly defaultMode?: number;
}

/** An empty directory that lives as long as the pod. */
export interface EmptyDirVolumeSource {
  /** Where it is kept: the node's disk when empty, Memory, or HugePages. */
  readonly medium?: string;
  /** The most it may hold. */
  readonly sizeLimit?: string;
}

/** An address behind a service. */
export interface EndpointAddress {
  /** The address. */
  readonly ip: string;
  /** Object that has the address. */
  readonly targetRef?: ObjectReference;
  /** Host name of the endpoint. */
  readonly hostname?: string;
  /** Node that has the endpoint. */
  readonly nodeName?: string;
}

/** A port behind a service. */
export interface EndpointPort {
  /** Name of the service's port. */
  readonly name?: string;
  /** Port number. */
  readonly port: number;
  /** Protocol of the port. */
  readonly protocol?: "TCP" | "UDP" | "SCTP";
  /** Application protocol, as a hint to implementations. */
  readonly appProtocol?: string;
}

/** Addresses that share the same ports; every address has every port. */
export interface EndpointSubset {
  /** Addresses that are ready. */
  readonly addresses?: readonly EndpointAddress[];
  /** Addresses that are not ready. */
  readonly notReadyAddresses?: readonly EndpointAddress[];
  /** Ports of the addresses. */
  readonly ports?: readonly EndpointPort[];
}

/** The addresses behind a service of the same name; deprecated for EndpointSlice. */
export interface Endpoints extends ApiObject {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** Name, labels and what else every object has. */
  readonly metadata?: ObjectMeta;
  /** Addresses, grouped by their ports. */
  readonly subsets?: readonly EndpointSubset[];
}

/** A source of many variables. */
export interface EnvFromSource {
  /** Put before each name. */
  readonly prefix?: string;
  /** A ConfigMap whose keys become variables. */
  readonly configMapRef?: ConfigMapEnvSource;
  /** A Secret whose keys become variables. */
  readonly secretRef?: SecretEnvSource;
}

/** An environment variable. */
export interface EnvVar {
  /** Name of the variable. */
  readonly name: string;
  /** Value, in which $(NAME) is replaced by earlier variables and $$ stands for $. */
  readonly value?: string;
  /** Where the value comes from, instead of value. */
  readonly valueFrom?: EnvVarSource;
}

/** Where a variable's value comes from; exactly one source. */
export interface EnvVarSource {
  /** A field of the pod. */
  readonly fieldRef?: ObjectFieldSelector;
  /** A request or limit of a container. */
  readonly resourceFieldRef?: ResourceFieldSelector;
  /** A key of a ConfigMap in the pod's namespace. */
  readonly configMapKeyRef?: ConfigMapKeySelector;
  /** A key of a Secret in the pod's namespace. */
  readonly secretKeyRef?: SecretKeySelector;
  /** A variable of an environment file in a volume. */
  readonly fileKeyRef?: FileKeySelector;
}

/** A container that is added to a running pod for debugging; never restarted. */
export interface EphemeralContainer {
  /** Unique in the pod; never changes. */
  readonly name: string;
  /** Image to run. */
  readonly image?: string;
  /** Program to run instead of the image's entry point; $(NAME) is expanded. */
  readonly command?: readonly string[];
  /** Arguments instead of the image's; $(NAME) is expanded. */
  readonly args?: readonly string[];
  /** Working directory; the image's when empty. */
  readonly workingDir?: string;
  /** Ports that it listens on; leaving one out does not close it. */
  readonly ports?: readonly ContainerPort[];
  /** Environment variables; they win over envFrom. */
  readonly env?: readonly EnvVar[];
  /** What it needs and may use at most. */
  readonly resources?: ResourceRequirements;
  /** Volumes to mount. */
  readonly volumeMounts?: readonly VolumeMount[];
  /** Its failure restarts the container. */
  readonly livenessProbe?: Probe;
  /** Its failure takes the pod out of Services. */
  readonly readinessProbe?: Probe;
  /** Actions around start and end. */
  readonly lifecycle?: Lifecycle;
  /** File whose content becomes the termination message; at most 4096 bytes. */
  readonly terminationMessagePath?: string;
  /** When to pull; Always for the tag latest or none, else IfNotPresent. */
  readonly imagePullPolicy?: "Always" | "IfNotPresent" | "Never";
  /** Identity and privileges. */
  readonly securityContext?: SecurityContext;
  /** Keep standard input open. */
  readonly stdin?: boolean;
  /** Close standard input when the first client that attached goes. */
  readonly stdinOnce?: boolean;
  /** Allocate a terminal; needs stdin. */
  readonly tty?: boolean;
  /** Sources of many variables; later ones win. */
  readonly envFrom?: readonly EnvFromSource[];
  /** Whether the end of the log stands in for an empty message after a failure. */
  readonly terminationMessagePolicy?: "File" | "FallbackToLogsOnError";
  /** Raw block devices. */
  readonly volumeDevices?: readonly VolumeDevice[];
  /** Until it succeeds the other probes wait; its failure restarts the container. */
  readonly startupProbe?: Probe;
  /** What changes of resources mean while it runs. */
  readonly resizePolicy?: readonly ContainerResizePolicy[];
  /** Overrides the pod's policy; Always on an init container makes a sidecar. */
  readonly restartPolicy?: "Always" | "OnFailure" | "Never";
  /** Rules on exit, tried in order before restartPolicy. */
  readonly restartPolicyRules?: readonly ContainerRestartRule[];
  /** Container whose process namespace it joins. */
  readonly targetContainerName?: string;
}

/** A claim that is made for the pod and goes with it. */
export interface EphemeralVolumeSource {
  /** The claim to make, named after pod and volume. */
  readonly volumeClaimTemplate?: PersistentVolumeClaimTemplate;
}

/** Something that happened to an object; kept for an hour. */
export interface Event extends ApiObject {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** Name, labels and what else every object has. */
  readonly metadata: ObjectMeta;
  /** The object it is about. */
  readonly involvedObject: ObjectReference;
  /** Why, in one CamelCase word. */
  readonly reason?: string;
  /** What happened, for people. */
  readonly message?: string;
  /** Who reported it, in the older form. */
  readonly source?: EventSource;
  /** When it was first recorded. */
  readonly firstTimestamp?: string;
  /** When it was last recorded. */
  readonly lastTimestamp?: string;
  /** How often it happened. */
  readonly count?: number;
  /** Normal or Warning. */
  readonly type?: string;
  /** When it first happened, to the microsecond. */
  readonly eventTime?: string;
  /** Repetition, if it repeats. */
  readonly series?: EventSeries;
  /** What was done or failed. */
  readonly action?: string;
  /** Second object that takes part in it. */
  readonly related?: ObjectReference;
  /** Name of the controller that reported it. */
  readonly reportingComponent?: string;
  /** Which instance of that controller. */
  readonly reportingInstance?: string;
}

/** Repetition of an event. */
export interface EventSeries {
  /** How often it happened in this series. */
  readonly count?: number;
  /** When it happened last. */
  readonly lastObservedTime?: string;
}

/** Who reported an event. */
export interface EventSource {
  /** Name of the component. */
  readonly component?: string;
  /** Node it runs on. */
  readonly host?: string;
}

/** Runs a command in the container; exit code 0 is success. */
export interface ExecAction {
  /** Program and arguments, without a shell; relative to the container's root. */
  readonly command?: readonly string[];
}

/** A Fibre Channel disk. */
export interface FCVolumeSource {
  /** World wide names of the target. */
  readonly targetWWNs?: readonly string[];
  /** Logical unit number. */
  readonly lun?: number;
  /** File system to mount. */
  readonly fsType?: string;
  /** Mount read-only. */
  readonly readOnly?: boolean;
  /** World wide identifiers, instead of target and unit. */
  readonly wwids?: readonly string[];
}

/** Selects a variable from an environment file in a volume. */
export interface FileKeySelector {
  /** Volume that holds the file. */
  readonly volumeName: string;
  /** Path of the file in the volume; relative, without "..". */
  readonly path: string;
  /** Name of the variable in the file. */
  readonly key: string;
  /** Whether the file or the key may be missing. */
  readonly optional?: boolean;
}

/** Storage of an exec-based plugin; deprecated. */
export interface FlexVolumeSource {
  /** Name of the driver. */
  readonly driver: string;
  /** File system to mount. */
  readonly fsType?: string;
  /** Secret for the driver. */
  readonly secretRef?: LocalObjectReference;
  /** Mount read-only. */
  readonly readOnly?: boolean;
  /** Options for the driver. */
  readonly options?: Readonly<Record<string, string>>;
}

/** A Flocker dataset; no longer supported. */
export interface FlockerVolumeSource {
  /** Name of the dataset; deprecated. */
  readonly datasetName?: string;
  /** UUID of the dataset. */
  readonly datasetUUID?: string;
}

/** A disk of Google's cloud; served by its CSI driver. */
export interface GCEPersistentDiskVolumeSource {
  /** Name of the disk. */
  readonly pdName: string;
  /** File system to mount. */
  readonly fsType?: string;
  /** Partition to mount; 0 for the whole disk. */
  readonly partition?: number;
  /** Mount read-only. */
  readonly readOnly?: boolean;
}

/** Calls the gRPC health service. */
export interface GRPCAction {
  /** Port number of the service. */
  readonly port: number;
  /** Service to ask the health of; empty for the server as a whole. */
  readonly service?: string;
}

/** A checkout of a git repository; no longer supported, clone in an init container instead. */
export interface GitRepoVolumeSource {
  /** Address of the repository. */
  readonly repository: string;
  /** Commit to check out. */
  readonly revision?: string;
  /** Target directory; relative, without "..". */
  readonly directory?: string;
}

/** A Gluster volume; no longer supported. */
export interface GlusterfsVolumeSource {
  /** Endpoints object with the servers. */
  readonly endpoints: string;
  /** Name of the volume. */
  readonly path: string;
  /** Mount read-only. */
  readonly readOnly?: boolean;
}

/** Sends an HTTP GET; a status from 200 to 399 is success. */
export interface HTTPGetAction {
  /** Path to ask for. */
  readonly path?: string;
  /** Port number or name. */
  readonly port: number | string;
  /** Host to connect to; the pod's address when empty. */
  readonly host?: string;
  /** Protocol to speak. */
  readonly scheme?: "HTTP" | "HTTPS";
  /** Headers to send. */
  readonly httpHeaders?: readonly HTTPHeader[];
}

/** A header of a request. */
export interface HTTPHeader {
  /** Name of the header; canonical case on the wire. */
  readonly name: string;
  /** Value of the header. */
  readonly value: string;
}

/** A line of the pod's hosts file. */
export interface HostAlias {
  /** Address. */
  readonly ip: string;
  /** Names for the address. */
  readonly hostnames?: readonly string[];
}

/** An address of the node. */
export interface HostIP {
  /** The address. */
  readonly ip: string;
}

/** A file or directory of the node. */
export interface HostPathVolumeSource {
  /** Path on the node. */
  readonly path: string;
  /**
   * What must be there, or is made: DirectoryOrCreate, Directory, FileOrCreate, File, Socket, CharDevice, BlockDevice;
   * no check when empty.
   */
  readonly type?: string;
}

/** An iSCSI disk. */
export interface ISCSIVolumeSource {
  /** Address and port of the target. */
  readonly targetPortal: string;
  /** Name of the target. */
  readonly iqn: string;
  /** Logical unit number. */
  readonly lun: number;
  /** Transport to use. */
  readonly iscsiInterface?: string;
  /** File system to mount. */
  readonly fsType?: string;
  /** Mount read-only. */
  readonly readOnly?: boolean;
  /** Further addresses of the target. */
  readonly portals?: readonly string[];
  /** Authenticate discovery with CHAP. */
  readonly chapAuthDiscovery?: boolean;
  /** Secret with the CHAP credentials. */
  readonly secretRef?: LocalObjectReference;
  /** Authenticate sessions with CHAP. */
  readonly chapAuthSession?: boolean;
  /** Name of the initiator. */
  readonly initiatorName?: string;
}

/** Content of an OCI image or artifact. */
export interface ImageVolumeSource {
  /** Image or artifact to mount. */
  readonly reference?: string;
  /** When to pull; Always for the tag latest or none, else IfNotPresent. */
  readonly pullPolicy?: "Always" | "IfNotPresent" | "Never";
}

/** State of an image volume. */
export interface ImageVolumeStatus {
  /** Digest of the image that is mounted. */
  readonly imageRef: string;
}

/** Maps a key to a file. */
export interface KeyToPath {
  /** The key. */
  readonly key: string;
  /** Relative path of the file, without "..". */
  readonly path: string;
  /** Permission bits of the file; the volume's default when absent. */
  readonly mode?: number;
}

/** Actions around a container's start and end. */
export interface Lifecycle {
  /** Runs right after the container starts; if it fails the container is killed. */
  readonly postStart?: LifecycleHandler;
  /** Runs before the container is stopped, within its grace period. */
  readonly preStop?: LifecycleHandler;
  /** Signal that asks the container to stop; the image's or SIGTERM when absent. */
  readonly stopSignal?: string;
}

/** What to do at a point of a container's life; exactly one action. */
export interface LifecycleHandler {
  /** Run a command in the container. */
  readonly exec?: ExecAction;
  /** Send an HTTP request. */
  readonly httpGet?: HTTPGetAction;
  /** Not supported; kept for compatibility, fails when run. */
  readonly tcpSocket?: TCPSocketAction;
  /** Wait. */
  readonly sleep?: SleepAction;
}

/** Identity of the first process on Linux. */
export interface LinuxContainerUser {
  /** User id. */
  readonly uid: number;
  /** Group id. */
  readonly gid: number;
  /** Further groups. */
  readonly supplementalGroups?: readonly number[];
}

/** Where a load balancer is reached. */
export interface LoadBalancerIngress {
  /** Address, if it has one. */
  readonly ip?: string;
  /** Name, if it has one. */
  readonly hostname?: string;
  /** Whether traffic arrives with this address (VIP) or a node's (Proxy). */
  readonly ipMode?: "VIP" | "Proxy";
  /** What became of the ports. */
  readonly ports?: readonly PortStatus[];
}

/** State of a load balancer. */
export interface LoadBalancerStatus {
  /** Where it is reached. */
  readonly ingress?: readonly LoadBalancerIngress[];
}

/** Names an object in the same namespace. */
export interface LocalObjectReference {
  /** Name of the object. */
  readonly name?: string;
}

/** An NFS export. */
export interface NFSVolumeSource {
  /** Host name or address of the server. */
  readonly server: string;
  /** Exported path. */
  readonly path: string;
  /** Mount read-only. */
  readonly readOnly?: boolean;
}

/** A scope for names, and the unit that access and quotas are given by. */
export interface Namespace extends ApiObject {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** Name, labels and what else every object has. */
  readonly metadata?: ObjectMeta;
  /** What is wanted. */
  readonly spec?: NamespaceSpec;
  /** What is observed. */
  readonly status?: NamespaceStatus;
}

/** One observed aspect of a namespace, mostly of its deletion. */
export interface NamespaceCondition {
  /** Name of the aspect, such as NamespaceContentRemaining. */
  readonly type: string;
  /** Whether it holds. */
  readonly status: "True" | "False" | "Unknown";
  /** When status last changed. */
  readonly lastTransitionTime?: string;
  /** One CamelCase word for the last change. */
  readonly reason?: string;
  /** The same for people. */
  readonly message?: string;
}

/** What is wanted of a namespace. */
export interface NamespaceSpec {
  /** Must be empty before a deleted namespace goes; "kubernetes" stands for its content. */
  readonly finalizers?: readonly string[];
}

/** What is observed of a namespace. */
export interface NamespaceStatus {
  /** Active, or Terminating once deleted. */
  readonly phase?: "Active" | "Terminating";
  /** Observed aspects, such as what delays deletion. */
  readonly conditions?: readonly NamespaceCondition[];
}

/** A machine that runs pods. */
export interface Node extends ApiObject {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** Name, labels and what else every object has. */
  readonly metadata?: ObjectMeta;
  /** What is wanted. */
  readonly spec?: NodeSpec;
  /** What is observed, mostly by the kubelet. */
  readonly status?: NodeStatus;
}

/** An address of the node. */
export interface NodeAddress {
  /** Sort of address. */
  readonly type: "Hostname" | "InternalIP" | "ExternalIP" | "InternalDNS" | "ExternalDNS";
  /** The address itself. */
  readonly address: string;
}

/** Where a pod goes, by what nodes are. */
export interface NodeAffinity {
  /** Nodes must match this when the pod is placed; later changes evict nobody. */
  readonly requiredDuringSchedulingIgnoredDuringExecution?: NodeSelector;
  /** Nodes are scored by the sum of the weights that they match. */
  readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly PreferredSchedulingTerm[];
}

/** What of a node's ordinary resources a claim takes. */
export interface NodeAllocatableResourceClaimStatus {
  /** Name of the claim. */
  readonly resourceClaimName: string;
  /** Containers that use the claim. */
  readonly containers?: readonly string[];
  /** Amounts taken from the node. */
  readonly resources: Readonly<Record<string, string>>;
}

/** One observed aspect of the node's health. */
export interface NodeCondition {
  /** Name of the aspect: Ready, MemoryPressure, DiskPressure, PIDPressure, NetworkUnavailable, or another's. */
  readonly type: string;
  /** Whether it holds. */
  readonly status: "True" | "False" | "Unknown";
  /** When this was last reported. */
  readonly lastHeartbeatTime?: string;
  /** When status last changed. */
  readonly lastTransitionTime?: string;
  /** One CamelCase word for the last change. */
  readonly reason?: string;
  /** The same for people. */
  readonly message?: string;
}

/** Where a kubelet's configuration came from; no longer used. */
export interface NodeConfigSource {
  /** The ConfigMap to read. */
  readonly configMap?: ConfigMapNodeConfigSource;
}

/** State of a kubelet's dynamic configuration; no longer used. */
export interface NodeConfigStatus {
  /** The configuration that was assigned. */
  readonly assigned?: NodeConfigSource;
  /** The configuration in use. */
  readonly active?: NodeConfigSource;
  /** The configuration to fall back to. */
  readonly lastKnownGood?: NodeConfigSource;
  /** What is wrong with the assigned configuration. */
  readonly error?: string;
}

/** Ports of the node's daemons. */
export interface NodeDaemonEndpoints {
  /** Where the kubelet's API listens. */
  readonly kubeletEndpoint?: DaemonEndpoint;
}

/** What the node's runtime can do, whatever the handler. */
export interface NodeFeatures {
  /** The runtime honours supplementalGroupsPolicy. */
  readonly supplementalGroupsPolicy?: boolean;
}

/** Query parameters of a proxied request to a node. */
export interface NodeProxyOptions {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** Path to pass on. */
  readonly path?: string;
}

/** A handler of the container runtime that pods may ask for. */
export interface NodeRuntimeHandler {
  /** Name of the handler; empty for the default one. */
  readonly name?: string;
  /** What it can do. */
  readonly features?: NodeRuntimeHandlerFeatures;
}

/** What a runtime handler can do. */
export interface NodeRuntimeHandlerFeatures {
  /** Mounts may be made read-only with everything below them. */
  readonly recursiveReadOnlyMounts?: boolean;
  /** Pods may have user namespaces, volumes included. */
  readonly userNamespaces?: boolean;
}

/** Matches a node that any of the terms matches. */
export interface NodeSelector {
  /** Alternatives. */
  readonly nodeSelectorTerms: readonly NodeSelectorTerm[];
}

/** One condition on one label or field of a node. */
export interface NodeSelectorRequirement {
  /** Label, or field, that the condition looks at. */
  readonly key: string;
  /** How it relates to the values. */
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt";
  /** Values for In and NotIn; one integer for Gt and Lt; empty for the others. */
  readonly values?: readonly string[];
}

/** Conditions that a node must all meet; an empty term matches no node. */
export interface NodeSelectorTerm {
  /** Conditions on labels. */
  readonly matchExpressions?: readonly NodeSelectorRequirement[];
  /** Conditions on fields; only metadata.name. */
  readonly matchFields?: readonly NodeSelectorRequirement[];
}

/** What is wanted of a node. */
export interface NodeSpec {
  /** First network that its pods take addresses from. */
  readonly podCIDR?: string;
  /** Former external id; ignored. */
  readonly externalID?: string;
  /** Id that the cloud provider knows the machine by. */
  readonly providerID?: string;
  /** Take no new pods ("cordon"). */
  readonly unschedulable?: boolean;
  /** Taints of the node. */
  readonly taints?: readonly Taint[];
  /** Former source of kubelet configuration; ignored. */
  readonly configSource?: NodeConfigSource;
  /** Networks of its pods, at most one for each address family; the first repeats podCIDR. */
  readonly podCIDRs?: readonly string[];
}

/** What is observed of a node. */
export interface NodeStatus {
  /** Resources of the whole machine. */
  readonly capacity?: Readonly<Record<string, string>>;
  /** What of the capacity pods may use. */
  readonly allocatable?: Readonly<Record<string, string>>;
  /** Unused since conditions say it. */
  readonly phase?: "Pending" | "Running" | "Terminated";
  /** Observed aspects of the node's health. */
  readonly conditions?: readonly NodeCondition[];
  /** Addresses that reach the node. */
  readonly addresses?: readonly NodeAddress[];
  /** Ports of the node's daemons. */
  readonly daemonEndpoints?: NodeDaemonEndpoints;
  /** Identity and software of the machine. */
  readonly nodeInfo?: NodeSystemInfo;
  /** Images that are present. */
  readonly images?: readonly ContainerImage[];
  /** Attachable volumes that pods use here. */
  readonly volumesInUse?: readonly string[];
  /** Volumes that are attached. */
  readonly volumesAttached?: readonly AttachedVolume[];
  /** State of dynamic kubelet configuration; no longer used. */
  readonly config?: NodeConfigStatus;
  /** Handlers that the container runtime offers. */
  readonly runtimeHandlers?: readonly NodeRuntimeHandler[];
  /** What the runtime can do, whatever the handler. */
  readonly features?: NodeFeatures;
  /** Kubelet features that this node announces, for the scheduler to match. */
  readonly declaredFeatures?: readonly string[];
}

/** Swap space of the machine. */
export interface NodeSwapStatus {
  /** Total swap in bytes. */
  readonly capacity?: number;
}

/** Identity and software of the machine. */
export interface NodeSystemInfo {
  /** Machine id as the operating system keeps it. */
  readonly machineID: string;
  /** Hardware UUID. */
  readonly systemUUID: string;
  /** Id of the present boot. */
  readonly bootID: string;
  /** Kernel release, as uname -r prints. */
  readonly kernelVersion: string;
  /** Operating system, as /etc/os-release names it. */
  readonly osImage: string;
  /** Runtime and version, such as containerd://1.7.2. */
  readonly containerRuntimeVersion: string;
  /** Version of the kubelet. */
  readonly kubeletVersion: string;
  /** Version of the service proxy; deprecated. */
  readonly kubeProxyVersion: string;
  /** Operating system family, such as linux. */
  readonly operatingSystem: string;
  /** Processor architecture, such as amd64. */
  readonly architecture: string;
  /** Swap space of the machine. */
  readonly swap?: NodeSwapStatus;
}

/** Selects a field of the pod. */
export interface ObjectFieldSelector {
  /** Version of the API that the path is written in. */
  readonly apiVersion?: string;
  /** Path of the field, such as metadata.name. */
  readonly fieldPath: string;
}

/** Points to any object, or to a part of one. */
export interface ObjectReference {
  /** Kind of the object. */
  readonly kind?: string;
  /** Namespace of the object. */
  readonly namespace?: string;
  /** Name of the object. */
  readonly name?: string;
  /** UID of the object. */
  readonly uid?: string;
  /** Group and version of the object. */
  readonly apiVersion?: string;
  /** Version of the object that is meant. */
  readonly resourceVersion?: string;
  /** A part of the object, such as spec.containers{name}. */
  readonly fieldPath?: string;
}

/** What storage is claimed. */
export interface PersistentVolumeClaimSpec {
  /** Ways in which the volume is to be mounted. */
  readonly accessModes?: readonly string[];
  /** How much storage. */
  readonly resources?: VolumeResourceRequirements;
  /** Volume that is bound. */
  readonly volumeName?: string;
  /** Which volumes come into question. */
  readonly selector?: LabelSelector;
  /** Class of storage; the cluster's default when absent. */
  readonly storageClassName?: string;
  /** File system or raw block device. */
  readonly volumeMode?: "Filesystem" | "Block";
  /** Snapshot or claim to start from. */
  readonly dataSource?: TypedLocalObjectReference;
  /** Object of any kind to start from. */
  readonly dataSourceRef?: TypedObjectReference;
  /** Class of changeable attributes. */
  readonly volumeAttributesClassName?: string;
}

/** A claim to make for a pod. */
export interface PersistentVolumeClaimTemplate {
  /** Labels and annotations of the claim. */
  readonly metadata?: ObjectMeta;
  /** What to claim. */
  readonly spec: PersistentVolumeClaimSpec;
}

/** A claim on storage. */
export interface PersistentVolumeClaimVolumeSource {
  /** Claim in the pod's namespace. */
  readonly claimName: string;
  /** Mount read-only. */
  readonly readOnly?: boolean;
}

/** A disk of Photon Controller; no longer supported. */
export interface PhotonPersistentDiskVolumeSource {
  /** Id of the disk. */
  readonly pdID: string;
  /** File system to mount. */
  readonly fsType?: string;
}

/** Containers that share a network, run on one node and end together. */
export interface Pod extends ApiObject {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** Name, labels and what else every object has. */
  readonly metadata?: ObjectMeta;
  /** What is wanted. */
  readonly spec?: PodSpec;
  /** What is observed. */
  readonly status?: PodStatus;
}

/** Near which other pods a pod goes. */
export interface PodAffinity {
  /** All must hold when the pod is placed; later changes evict nobody. */
  readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly PodAffinityTerm[];
  /** Nodes are scored by the sum of the weights that they match. */
  readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly WeightedPodAffinityTerm[];
}

/** A set of pods, and the topology in which to be near them or far. */
export interface PodAffinityTerm {
  /** Which pods, by labels; absent matches none. */
  readonly labelSelector?: LabelSelector;
  /** Namespaces of those pods; empty with no namespaceSelector means the pod's own. */
  readonly namespaces?: readonly string[];
  /** Node label whose equal values mean "the same place". */
  readonly topologyKey: string;
  /** Further namespaces, by labels; an empty selector means all. */
  readonly namespaceSelector?: LabelSelector;
  /** Labels whose values on the incoming pod are added to labelSelector with In. */
  readonly matchLabelKeys?: readonly string[];
  /** Labels whose values on the incoming pod are added to labelSelector with NotIn. */
  readonly mismatchLabelKeys?: readonly string[];
}

/** Away from which other pods a pod goes. */
export interface PodAntiAffinity {
  /** None may be violated when the pod is placed; later changes evict nobody. */
  readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly PodAffinityTerm[];
  /** Nodes lose the sum of the weights that they match. */
  readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly WeightedPodAffinityTerm[];
}

/** Query parameters of an attach. */
export interface PodAttachOptions {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** Pass standard input. */
  readonly stdin?: boolean;
  /** Pass standard output. */
  readonly stdout?: boolean;
  /** Pass standard error. */
  readonly stderr?: boolean;
  /** The container has a terminal. */
  readonly tty?: boolean;
  /** Which container; the only one when empty. */
  readonly container?: string;
}

/** A key and a certificate for the pod, renewed before it ends. */
export interface PodCertificateProjection {
  /** Who signs. */
  readonly signerName: string;
  /** Sort of key: RSA3072, RSA4096, ECDSAP256, ECDSAP384, ECDSAP521 or ED25519. */
  readonly keyType: string;
  /** The longest that a certificate may be valid. */
  readonly maxExpirationSeconds?: number;
  /** File with key and certificates together. */
  readonly credentialBundlePath?: string;
  /** File with the key alone. */
  readonly keyPath?: string;
  /** File with the certificates alone. */
  readonly certificateChainPath?: string;
  /** Further data for the signer. */
  readonly userAnnotations?: Readonly<Record<string, string>>;
}

/** One observed aspect of a pod. */
export interface PodCondition {
  /** Name of the aspect: PodScheduled, Initialized, ContainersReady, Ready, or another's. */
  readonly type: string;
  /** Whether it holds. */
  readonly status: "True" | "False" | "Unknown";
  /** When this was last checked. */
  readonly lastProbeTime?: string;
  /** When status last changed. */
  readonly lastTransitionTime?: string;
  /** One CamelCase word for the last change. */
  readonly reason?: string;
  /** The same for people. */
  readonly message?: string;
  /** The metadata.generation that this was observed at. */
  readonly observedGeneration?: number;
}

/** Resolver settings, merged into what dnsPolicy gives. */
export interface PodDNSConfig {
  /** Name server addresses to add. */
  readonly nameservers?: readonly string[];
  /** Search domains to add. */
  readonly searches?: readonly string[];
  /** Options to add or override. */
  readonly options?: readonly PodDNSConfigOption[];
}

/** A resolver option. */
export interface PodDNSConfigOption {
  /** Name of the option. */
  readonly name?: string;
  /** Value of the option, if it has one. */
  readonly value?: string;
}

/** Query parameters of an exec. */
export interface PodExecOptions {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** Pass standard input. */
  readonly stdin?: boolean;
  /** Pass standard output. */
  readonly stdout?: boolean;
  /** Pass standard error. */
  readonly stderr?: boolean;
  /** Allocate a terminal. */
  readonly tty?: boolean;
  /** Which container; the only one when empty. */
  readonly container?: string;
  /** Program and arguments, without a shell. */
  readonly command?: readonly string[];
}

/** The claim made for resources that devices serve. */
export interface PodExtendedResourceClaimStatus {
  /** Which request serves what. */
  readonly requestMappings: readonly ContainerExtendedResourceRequest[];
  /** Name of the claim. */
  readonly resourceClaimName: string;
}

/** An address of the pod. */
export interface PodIP {
  /** The address. */
  readonly ip: string;
}

/** Query parameters of a pod's log. */
export interface PodLogOptions {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** Which container; the only one when empty. */
  readonly container?: string;
  /** Go on as lines are written. */
  readonly follow?: boolean;
  /** The container before its last restart. */
  readonly previous?: boolean;
  /** Only lines of this many last seconds. */
  readonly sinceSeconds?: number;
  /** Only lines since then. */
  readonly sinceTime?: string;
  /** Put the time before each line. */
  readonly timestamps?: boolean;
  /** Only this many last lines. */
  readonly tailLines?: number;
  /** Stop after this many bytes. */
  readonly limitBytes?: number;
  /** Do not verify the kubelet's certificate. */
  readonly insecureSkipTLSVerifyBackend?: boolean;
  /** Which stream. */
  readonly stream?: "All" | "Stdout" | "Stderr";
}

/** Operating system of a pod's containers. */
export interface PodOS {
  /** linux or windows. */
  readonly name: string;
}

/** Query parameters of a port forward. */
export interface PodPortForwardOptions {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** Ports of the pod. */
  readonly ports?: readonly number[];
}

/** Query parameters of a proxied request to a pod. */
export interface PodProxyOptions {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** Path to pass on. */
  readonly path?: string;
}

/** A condition that readiness waits for. */
export interface PodReadinessGate {
  /** Type of a condition in the pod's status. */
  readonly conditionType: string;
}

/** A claim on devices, under a name of the pod's. */
export interface PodResourceClaim {
  /** Name that containers refer to. */
  readonly name: string;
  /** Existing claim in the pod's namespace. */
  readonly resourceClaimName?: string;
  /** Template from which a claim is made for this pod. */
  readonly resourceClaimTemplateName?: string;
}

/** The claim behind an entry of resourceClaims. */
export interface PodResourceClaimStatus {
  /** Entry of spec.resourceClaims. */
  readonly name: string;
  /** Claim that was made; absent when none was needed. */
  readonly resourceClaimName?: string;
}

/** Something that scheduling waits for. */
export interface PodSchedulingGate {
  /** Name of the gate. */
  readonly name: string;
}

/** A group of pods that are scheduled together. */
export interface PodSchedulingGroup {
  /** PodGroup in the pod's namespace. */
  readonly podGroupName?: string;
}

/** Identity and privileges of all containers of a pod, and who owns its volumes. */
export interface PodSecurityContext {
  /** SELinux label of all containers. */
  readonly seLinuxOptions?: SELinuxOptions;
  /** User id of the first process of each container. */
  readonly runAsUser?: number;
  /** Refuse to start as user 0. */
  readonly runAsNonRoot?: boolean;
  /** Further groups of the first processes. */
  readonly supplementalGroups?: readonly number[];
  /** Group that owns the pod's volumes and that every process belongs to. */
  readonly fsGroup?: number;
  /** Group id of the first process of each container. */
  readonly runAsGroup?: number;
  /** Kernel parameters of the pod. */
  readonly sysctls?: readonly Sysctl[];
  /** Identity on Windows nodes. */
  readonly windowsOptions?: WindowsSecurityContextOptions;
  /** When volume ownership is corrected; Always when absent. */
  readonly fsGroupChangePolicy?: "OnRootMismatch" | "Always";
  /** Which system calls are allowed. */
  readonly seccompProfile?: SeccompProfile;
  /** Which AppArmor profile confines the processes. */
  readonly appArmorProfile?: AppArmorProfile;
  /** Whether groups of the image's /etc/group count too; Merge when absent. */
  readonly supplementalGroupsPolicy?: "Merge" | "Strict";
  /** How volumes get their SELinux label; MountOption when absent. */
  readonly seLinuxChangePolicy?: "Recursive" | "MountOption";
}

/** What is wanted of a pod. */
export interface PodSpec {
  /** Volumes that containers may mount. */
  readonly volumes?: readonly Volume[];
  /** The containers; at least one. */
  readonly containers: readonly Container[];
  /** When containers that exit are started again. */
  readonly restartPolicy?: "Always" | "OnFailure" | "Never";
  /** Seconds from the stop signal to the kill. */
  readonly terminationGracePeriodSeconds?: number;
  /** Seconds after its start when the pod is stopped as failed. */
  readonly activeDeadlineSeconds?: number;
  /** Where names are looked up. */
  readonly dnsPolicy?: "ClusterFirstWithHostNet" | "ClusterFirst" | "Default" | "None";
  /** Labels that the node must have. */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Service account that the pod acts as. */
  readonly serviceAccountName?: string;
  /** Older name of serviceAccountName. */
  readonly serviceAccount?: string;
  /** Node the pod is bound to; set by the scheduler. */
  readonly nodeName?: string;
  /** Use the node's network namespace. */
  readonly hostNetwork?: boolean;
  /** Use the node's process namespace. */
  readonly hostPID?: boolean;
  /** Use the node's IPC namespace. */
  readonly hostIPC?: boolean;
  /** Identity and privileges for all containers. */
  readonly securityContext?: PodSecurityContext;
  /** Secrets with credentials for registries. */
  readonly imagePullSecrets?: readonly LocalObjectReference[];
  /** Host name; the pod's name when empty. */
  readonly hostname?: string;
  /** With it the pod's full name is hostname.subdomain.namespace.svc.domain. */
  readonly subdomain?: string;
  /** Constraints on where the pod goes. */
  readonly affinity?: Affinity;
  /** Scheduler that places the pod. */
  readonly schedulerName?: string;
  /** Run one after the other before the containers; those that restart always stay as sidecars. */
  readonly initContainers?: readonly Container[];
  /** Whether a token of the service account is mounted. */
  readonly automountServiceAccountToken?: boolean;
  /** Taints that the pod bears. */
  readonly tolerations?: readonly Toleration[];
  /** Further lines of the hosts file. */
  readonly hostAliases?: readonly HostAlias[];
  /** Class that gives the priority. */
  readonly priorityClassName?: string;
  /** The higher, the more important; filled in from the class. */
  readonly priority?: number;
  /** Resolver settings, merged into what dnsPolicy gives. */
  readonly dnsConfig?: PodDNSConfig;
  /** All containers see each other's processes. */
  readonly shareProcessNamespace?: boolean;
  /** Conditions that readiness waits for. */
  readonly readinessGates?: readonly PodReadinessGate[];
  /** RuntimeClass to run the pod with. */
  readonly runtimeClassName?: string;
  /** Give containers variables for the Services of the namespace. */
  readonly enableServiceLinks?: boolean;
  /** Whether less important pods may be evicted for this one. */
  readonly preemptionPolicy?: "PreemptLowerPriority" | "Never";
  /** What running the pod itself costs beside its containers; from the RuntimeClass. */
  readonly overhead?: Readonly<Record<string, string>>;
  /** How the pod spreads with its like. */
  readonly topologySpreadConstraints?: readonly TopologySpreadConstraint[];
  /** Debugging containers; added through the subresource only. */
  readonly ephemeralContainers?: readonly EphemeralContainer[];
  /** Make the full name the kernel's host name. */
  readonly setHostnameAsFQDN?: boolean;
  /** Operating system of the containers. */
  readonly os?: PodOS;
  /** False puts the pod in a user namespace of its own. */
  readonly hostUsers?: boolean;
  /** Scheduling waits until this is empty. */
  readonly schedulingGates?: readonly PodSchedulingGate[];
  /** Claims on devices. */
  readonly resourceClaims?: readonly PodResourceClaim[];
  /** What all containers together need and may use at most. */
  readonly resources?: ResourceRequirements;
  /** Host name that wins over all other rules; the pod has then no name in DNS. */
  readonly hostnameOverride?: string;
  /** Group of pods to be scheduled with. */
  readonly schedulingGroup?: PodSchedulingGroup;
}

/** What is observed of a pod, mostly by its kubelet. */
export interface PodStatus {
  /** The shortest summary of where the pod is in its life. */
  readonly phase?: "Pending" | "Running" | "Succeeded" | "Failed" | "Unknown";
  /** Observed aspects. */
  readonly conditions?: readonly PodCondition[];
  /** Why the pod is in this phase, for people. */
  readonly message?: string;
  /** The same in one CamelCase word, such as Evicted. */
  readonly reason?: string;
  /** First address of the node. */
  readonly hostIP?: string;
  /** First address of the pod. */
  readonly podIP?: string;
  /** When the kubelet took the pod on, before pulling images. */
  readonly startTime?: string;
  /** One entry for each container. */
  readonly containerStatuses?: readonly ContainerStatus[];
  /** Which pods suffer first when a node runs short. */
  readonly qosClass?: "Guaranteed" | "Burstable" | "BestEffort";
  /** One entry for each init container. */
  readonly initContainerStatuses?: readonly ContainerStatus[];
  /** Node on which room is being made for the pod. */
  readonly nominatedNodeName?: string;
  /** Addresses of the pod, at most one for each family; the first repeats podIP. */
  readonly podIPs?: readonly PodIP[];
  /** One entry for each ephemeral container. */
  readonly ephemeralContainerStatuses?: readonly ContainerStatus[];
  /** State of a change of resources; conditions say it today. */
  readonly resize?: string;
  /** Claims behind the pod's resourceClaims. */
  readonly resourceClaimStatuses?: readonly PodResourceClaimStatus[];
  /** Addresses of the node; the first repeats hostIP. */
  readonly hostIPs?: readonly HostIP[];
  /** The metadata.generation that the kubelet last acted on. */
  readonly observedGeneration?: number;
  /** Claim made for resources that devices serve. */
  readonly extendedResourceClaimStatus?: PodExtendedResourceClaimStatus;
  /** Requests that the node has granted to the pod as a whole. */
  readonly allocatedResources?: Readonly<Record<string, string>>;
  /** Requests and limits in effect for the pod as a whole. */
  readonly resources?: ResourceRequirements;
  /** What of the node's ordinary resources claims take. */
  readonly nodeAllocatableResourceClaimStatuses?: readonly NodeAllocatableResourceClaimStatus[];
}

/** What pods stamped from it look like. */
export interface PodTemplateSpec {
  /** Labels and annotations of the pods. */
  readonly metadata?: ObjectMeta;
  /** What is wanted of the pods. */
  readonly spec?: PodSpec;
}

/** What became of a port at a load balancer. */
export interface PortStatus {
  /** The port. */
  readonly port: number;
  /** Protocol of the port. */
  readonly protocol: "TCP" | "UDP" | "SCTP";
  /** What is wrong with it, if anything. */
  readonly error?: string;
}

/** A Portworx volume; served by its CSI driver. */
export interface PortworxVolumeSource {
  /** Id of the volume. */
  readonly volumeID: string;
  /** File system to mount. */
  readonly fsType?: string;
  /** Mount read-only. */
  readonly readOnly?: boolean;
}

/** A node preference with a weight. */
export interface PreferredSchedulingTerm {
  /** Score from 1 to 100 for nodes that match. */
  readonly weight: number;
  /** Which nodes. */
  readonly preference: NodeSelectorTerm;
}

/** A periodic check of a container; exactly one action. */
export interface Probe {
  /** Run a command in the container. */
  readonly exec?: ExecAction;
  /** Send an HTTP request. */
  readonly httpGet?: HTTPGetAction;
  /** Open a TCP connection. */
  readonly tcpSocket?: TCPSocketAction;
  /** Call the gRPC health service. */
  readonly grpc?: GRPCAction;
  /** Seconds after the container's start before the first check. */
  readonly initialDelaySeconds?: number;
  /** Seconds after which a check has failed. */
  readonly timeoutSeconds?: number;
  /** Seconds between checks. */
  readonly periodSeconds?: number;
  /** Successes in a row, after a failure, that mean success; 1 for liveness and startup. */
  readonly successThreshold?: number;
  /** Failures in a row, after a success, that mean failure. */
  readonly failureThreshold?: number;
  /** Grace period when this probe's failure kills the container; the pod's when absent. */
  readonly terminationGracePeriodSeconds?: number;
}

/** Several sources in one directory. */
export interface ProjectedVolumeSource {
  /** The sources. */
  readonly sources?: readonly VolumeProjection[];
  /** Permission bits of the files. */
  readonly defaultMode?: number;
}

/** A Quobyte volume; no longer supported. */
export interface QuobyteVolumeSource {
  /** Addresses of the registry, comma separated. */
  readonly registry: string;
  /** Name of the volume. */
  readonly volume: string;
  /** Mount read-only. */
  readonly readOnly?: boolean;
  /** User to map access to. */
  readonly user?: string;
  /** Group to map access to. */
  readonly group?: string;
  /** Tenant that owns the volume. */
  readonly tenant?: string;
}

/** A Ceph block device; no longer supported. */
export interface RBDVolumeSource {
  /** Ceph monitors. */
  readonly monitors: readonly string[];
  /** Name of the image. */
  readonly image: string;
  /** File system to mount. */
  readonly fsType?: string;
  /** Pool of the image. */
  readonly pool?: string;
  /** User to connect as. */
  readonly user?: string;
  /** Key ring file on the node. */
  readonly keyring?: string;
  /** Secret with the key, instead of the key ring. */
  readonly secretRef?: LocalObjectReference;
  /** Mount read-only. */
  readonly readOnly?: boolean;
}

/** Gives a container a claimed device. */
export interface ResourceClaim {
  /** Entry of the pod's resourceClaims. */
  readonly name: string;
  /** Which request of the claim; all when empty. */
  readonly request?: string;
}

/** Selects a request or limit of a container. */
export interface ResourceFieldSelector {
  /** Which container; required in volumes, the container itself in its environment. */
  readonly containerName?: string;
  /** Which value, such as limits.cpu. */
  readonly resource: string;
  /** Unit of the output; 1 when zero. */
  readonly divisor?: string;
}

/** Health of one device. */
export interface ResourceHealth {
  /** Id of the device; unique for the resource. */
  readonly resourceID: string;
  /** Whether it works. */
  readonly health?: "Healthy" | "Unhealthy" | "Unknown";
  /** The same for people. */
  readonly message?: string;
}

/** What a container needs and may use at most. */
export interface ResourceRequirements {
  /** The most that may be used. */
  readonly limits?: Readonly<Record<string, string>>;
  /** What is set aside when the pod is placed; the limits when absent. */
  readonly requests?: Readonly<Record<string, string>>;
  /** Claimed devices. */
  readonly claims?: readonly ResourceClaim[];
}

/** Health of a container's devices of one sort. */
export interface ResourceStatus {
  /** Resource, or claim:NAME/REQUEST. */
  readonly name: string;
  /** One entry for each device. */
  readonly resources?: readonly ResourceHealth[];
}

/** SELinux label parts. */
export interface SELinuxOptions {
  /** User part. */
  readonly user?: string;
  /** Role part. */
  readonly role?: string;
  /** Type part. */
  readonly type?: string;
  /** Level part. */
  readonly level?: string;
}

/** A ScaleIO volume; no longer supported. */
export interface ScaleIOVolumeSource {
  /** Address of the gateway. */
  readonly gateway: string;
  /** Name of the storage system. */
  readonly system: string;
  /** Secret with the credentials. */
  readonly secretRef: LocalObjectReference;
  /** Speak TLS with the gateway. */
  readonly sslEnabled?: boolean;
  /** Protection domain of the storage. */
  readonly protectionDomain?: string;
  /** Pool in the domain. */
  readonly storagePool?: string;
  /** Thick or thin provisioning. */
  readonly storageMode?: string;
  /** Name of the volume. */
  readonly volumeName?: string;
  /** File system to mount. */
  readonly fsType?: string;
  /** Mount read-only. */
  readonly readOnly?: boolean;
}

/** Which system calls are allowed. */
export interface SeccompProfile {
  /** Where the profile comes from. */
  readonly type: "Localhost" | "RuntimeDefault" | "Unconfined";
  /** Profile file below the kubelet's seccomp directory, for Localhost. */
  readonly localhostProfile?: string;
}

/** Confidential data under keys. */
export interface Secret extends ApiObject {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** Name, labels and what else every object has. */
  readonly metadata?: ObjectMeta;
  /** The values, base64 in JSON. */
  readonly data?: Readonly<Record<string, string>>;
  /** What the data is, and which keys it must have. */
  readonly type?: string;
  /** Text that is moved into data on writing, and never read back. */
  readonly stringData?: Readonly<Record<string, string>>;
  /** Once true, data never changes again. */
  readonly immutable?: boolean;
}

/** All keys of a Secret. */
export interface SecretEnvSource {
  /** Name of the object. */
  readonly name?: string;
  /** Whether the Secret may be missing. */
  readonly optional?: boolean;
}

/** Selects a key of a Secret. */
export interface SecretKeySelector {
  /** Name of the object. */
  readonly name?: string;
  /** The key. */
  readonly key: string;
  /** Whether the Secret or the key may be missing. */
  readonly optional?: boolean;
}

/** Files from a Secret's keys, in a projected volume. */
export interface SecretProjection {
  /** Name of the object. */
  readonly name?: string;
  /** Keys to show and where; all keys by their own names when empty. */
  readonly items?: readonly KeyToPath[];
  /** Whether the Secret or its keys may be missing. */
  readonly optional?: boolean;
}

/** Files from a Secret's keys. */
export interface SecretVolumeSource {
  /** Name of the Secret. */
  readonly secretName?: string;
  /** Keys to show and where; all keys by their own names when empty. */
  readonly items?: readonly KeyToPath[];
  /** Permission bits of the files. */
  readonly defaultMode?: number;
  /** Whether the Secret or its keys may be missing. */
  readonly optional?: boolean;
}

/** Identity and privileges of one container; wins over the pod's. */
export interface SecurityContext {
  /** Capabilities to add or drop. */
  readonly capabilities?: Capabilities;
  /** Run with all the privileges of root on the host. */
  readonly privileged?: boolean;
  /** SELinux label. */
  readonly seLinuxOptions?: SELinuxOptions;
  /** User id of the first process; the image's when absent. */
  readonly runAsUser?: number;
  /** Refuse to start as user 0. */
  readonly runAsNonRoot?: boolean;
  /** Mount the root file system read-only. */
  readonly readOnlyRootFilesystem?: boolean;
  /** Whether a process may gain more privileges than its parent (no_new_privs). */
  readonly allowPrivilegeEscalation?: boolean;
  /** Group id of the first process; the runtime's when absent. */
  readonly runAsGroup?: number;
  /** How /proc is mounted. */
  readonly procMount?: "Default" | "Unmasked";
  /** Identity on Windows nodes. */
  readonly windowsOptions?: WindowsSecurityContextOptions;
  /** Which system calls are allowed. */
  readonly seccompProfile?: SeccompProfile;
  /** Which AppArmor profile confines the process. */
  readonly appArmorProfile?: AppArmorProfile;
}

/** One name and address for a set of pods. */
export interface Service extends ApiObject {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** Name, labels and what else every object has. */
  readonly metadata?: ObjectMeta;
  /** What is wanted. */
  readonly spec?: ServiceSpec;
  /** What is observed. */
  readonly status?: ServiceStatus;
}

/** An identity that pods act under. */
export interface ServiceAccount extends ApiObject {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** Name, labels and what else every object has. */
  readonly metadata?: ObjectMeta;
  /** Secrets that its pods may use; not enforced unless annotated so. */
  readonly secrets?: readonly ObjectReference[];
  /** Registry credentials that its pods get. */
  readonly imagePullSecrets?: readonly LocalObjectReference[];
  /** Whether its pods get a token mounted, unless they say otherwise. */
  readonly automountServiceAccountToken?: boolean;
}

/** A token of the pod's service account, renewed before it ends. */
export interface ServiceAccountTokenProjection {
  /** Whom the token is for; the API server when empty. */
  readonly audience?: string;
  /** How long a token is valid, at least 600. */
  readonly expirationSeconds?: number;
  /** Relative path of the file. */
  readonly path: string;
}

/** A port of a service. */
export interface ServicePort {
  /** Name of the port; required when there are several. */
  readonly name?: string;
  /** Protocol of the port. */
  readonly protocol?: "TCP" | "UDP" | "SCTP";
  /** Port that clients use. */
  readonly port: number;
  /** Port number or name on the pods; the same as port when absent. */
  readonly targetPort?: number | string;
  /** Port on every node, for NodePort and LoadBalancer; allocated when zero. */
  readonly nodePort?: number;
  /** Application protocol, as a hint to implementations. */
  readonly appProtocol?: string;
}

/** Query parameters of a proxied request to a service. */
export interface ServiceProxyOptions {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** Path to pass on. */
  readonly path?: string;
}

/** What is wanted of a service. */
export interface ServiceSpec {
  /** Ports of the service. */
  readonly ports?: readonly ServicePort[];
  /** Labels of the pods behind it; without one somebody else keeps the endpoints. */
  readonly selector?: Readonly<Record<string, string>>;
  /** First address; "None" for a headless service, allocated when empty. */
  readonly clusterIP?: string;
  /** From where the service is reached. */
  readonly type?: "ClusterIP" | "NodePort" | "LoadBalancer" | "ExternalName";
  /** Addresses that nodes accept traffic for although nobody here manages them. */
  readonly externalIPs?: readonly string[];
  /** Whether a client stays with one endpoint. */
  readonly sessionAffinity?: "ClientIP" | "None";
  /** Wish for the load balancer's address; deprecated. */
  readonly loadBalancerIP?: string;
  /** Client networks that the load balancer admits. */
  readonly loadBalancerSourceRanges?: readonly string[];
  /** DNS name that ExternalName services stand for. */
  readonly externalName?: string;
  /** Whether traffic from outside goes to any endpoint or only to the node's own, which keeps the client's address. */
  readonly externalTrafficPolicy?: "Cluster" | "Local";
  /** Port where load balancers ask whether the node has endpoints, with externalTrafficPolicy Local. */
  readonly healthCheckNodePort?: number;
  /** Publish endpoints whether ready or not. */
  readonly publishNotReadyAddresses?: boolean;
  /** Settings of session affinity. */
  readonly sessionAffinityConfig?: SessionAffinityConfig;
  /** How many address families. */
  readonly ipFamilyPolicy?: "SingleStack" | "PreferDualStack" | "RequireDualStack";
  /** Addresses, at most one for each family; the first repeats clusterIP. */
  readonly clusterIPs?: readonly string[];
  /** Address families of clusterIPs, in order. */
  readonly ipFamilies?: readonly string[];
  /** Whether a LoadBalancer gets node ports. */
  readonly allocateLoadBalancerNodePorts?: boolean;
  /** Which load balancer implementation is meant. */
  readonly loadBalancerClass?: string;
  /** Whether traffic from inside goes to any endpoint or only to the node's own. */
  readonly internalTrafficPolicy?: "Cluster" | "Local";
  /** Preference for near endpoints: PreferSameZone, PreferSameNode or PreferClose. */
  readonly trafficDistribution?: string;
}

/** What is observed of a service. */
export interface ServiceStatus {
  /** State of its load balancer. */
  readonly loadBalancer?: LoadBalancerStatus;
  /** Observed aspects. */
  readonly conditions?: readonly Condition[];
}

/** Settings of session affinity. */
export interface SessionAffinityConfig {
  /** Settings of affinity by client address. */
  readonly clientIP?: ClientIPConfig;
}

/** Waits. */
export interface SleepAction {
  /** How long. */
  readonly seconds: number;
}

/** A StorageOS volume; no longer supported. */
export interface StorageOSVolumeSource {
  /** Name of the volume. */
  readonly volumeName?: string;
  /** StorageOS namespace; the pod's when empty. */
  readonly volumeNamespace?: string;
  /** File system to mount. */
  readonly fsType?: string;
  /** Mount read-only. */
  readonly readOnly?: boolean;
  /** Secret with the credentials. */
  readonly secretRef?: LocalObjectReference;
}

/** A kernel parameter of the pod's namespaces. */
export interface Sysctl {
  /** Name of the parameter. */
  readonly name: string;
  /** Value to set. */
  readonly value: string;
}

/** Opens a TCP connection; a connection is success. */
export interface TCPSocketAction {
  /** Port number or name. */
  readonly port: number | string;
  /** Host to connect to; the pod's address when empty. */
  readonly host?: string;
}

/** Keeps pods away that do not tolerate it. */
export interface Taint {
  /** Name of the taint. */
  readonly key: string;
  /** Value that tolerations compare with. */
  readonly value?: string;
  /** What befalls pods that do not tolerate it. */
  readonly effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
  /** When the taint was added; toleration seconds count from here. */
  readonly timeAdded?: string;
}

/** Lets a pod onto nodes with matching taints. */
export interface Toleration {
  /** Taint to tolerate; empty with operator Exists tolerates all. */
  readonly key?: string;
  /** How the values compare; Equal when absent. */
  readonly operator?: "Exists" | "Equal" | "Lt" | "Gt";
  /** Value to compare the taint's with. */
  readonly value?: string;
  /** Effect to tolerate; empty for all. */
  readonly effect?: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
  /** How long a NoExecute taint is tolerated; absent for ever, zero or less not at all. */
  readonly tolerationSeconds?: number;
}

/** How evenly matching pods spread over a topology. */
export interface TopologySpreadConstraint {
  /** How far the fullest domain may exceed the emptiest. */
  readonly maxSkew: number;
  /** Node label whose equal values form a domain. */
  readonly topologyKey: string;
  /** Leave the pod pending, or only prefer what lowers the skew. */
  readonly whenUnsatisfiable: "DoNotSchedule" | "ScheduleAnyway";
  /** Which pods are counted. */
  readonly labelSelector?: LabelSelector;
  /** With fewer eligible domains than this, the emptiest counts as zero; 1 when absent. */
  readonly minDomains?: number;
  /** Whether nodes that the pod's affinity excludes are counted; Honor when absent. */
  readonly nodeAffinityPolicy?: "Honor" | "Ignore";
  /** Whether nodes that the pod does not tolerate are counted; Ignore when absent. */
  readonly nodeTaintsPolicy?: "Honor" | "Ignore";
  /** Labels whose values on the incoming pod join labelSelector. */
  readonly matchLabelKeys?: readonly string[];
}

/** Names an object of any kind in the same namespace. */
export interface TypedLocalObjectReference {
  /** Group of the kind; empty for the core group. */
  readonly apiGroup?: string;
  /** Kind of the object. */
  readonly kind: string;
  /** Name of the object. */
  readonly name: string;
}

/** Names an object of any kind, maybe in another namespace. */
export interface TypedObjectReference {
  /** Group of the kind; empty for the core group. */
  readonly apiGroup?: string;
  /** Kind of the object. */
  readonly kind: string;
  /** Name of the object. */
  readonly name: string;
  /** Namespace of the object; another namespace must grant access with a ReferenceGrant. */
  readonly namespace?: string;
}

/** Storage that the containers of a pod may mount. */
export interface Volume {
  /** Unique in the pod. */
  readonly name: string;
  /** A file or directory of the node. */
  readonly hostPath?: HostPathVolumeSource;
  /** An empty directory that lives as long as the pod; the choice when no source is named. */
  readonly emptyDir?: EmptyDirVolumeSource;
  /** A disk of Google's cloud. */
  readonly gcePersistentDisk?: GCEPersistentDiskVolumeSource;
  /** A disk of Amazon's cloud. */
  readonly awsElasticBlockStore?: AWSElasticBlockStoreVolumeSource;
  /** A checkout of a git repository; no longer supported. */
  readonly gitRepo?: GitRepoVolumeSource;
  /** Files from a Secret. */
  readonly secret?: SecretVolumeSource;
  /** An NFS export. */
  readonly nfs?: NFSVolumeSource;
  /** An iSCSI disk. */
  readonly iscsi?: ISCSIVolumeSource;
  /** A Gluster volume; no longer supported. */
  readonly glusterfs?: GlusterfsVolumeSource;
  /** A claim on storage. */
  readonly persistentVolumeClaim?: PersistentVolumeClaimVolumeSource;
  /** A Ceph block device; no longer supported. */
  readonly rbd?: RBDVolumeSource;
  /** Storage of an exec-based plugin; deprecated. */
  readonly flexVolume?: FlexVolumeSource;
  /** A disk of OpenStack. */
  readonly cinder?: CinderVolumeSource;
  /** A Ceph file system; no longer supported. */
  readonly cephfs?: CephFSVolumeSource;
  /** A Flocker dataset; no longer supported. */
  readonly flocker?: FlockerVolumeSource;
  /** Files with information about the pod. */
  readonly downwardAPI?: DownwardAPIVolumeSource;
  /** A Fibre Channel disk. */
  readonly fc?: FCVolumeSource;
  /** A share of Microsoft's cloud. */
  readonly azureFile?: AzureFileVolumeSource;
  /** Files from a ConfigMap. */
  readonly configMap?: ConfigMapVolumeSource;
  /** A disk of vSphere. */
  readonly vsphereVolume?: VsphereVirtualDiskVolumeSource;
  /** A Quobyte volume; no longer supported. */
  readonly quobyte?: QuobyteVolumeSource;
  /** A disk of Microsoft's cloud. */
  readonly azureDisk?: AzureDiskVolumeSource;
  /** A disk of Photon Controller; no longer supported. */
  readonly photonPersistentDisk?: PhotonPersistentDiskVolumeSource;
  /** A Portworx volume. */
  readonly portworxVolume?: PortworxVolumeSource;
  /** A ScaleIO volume; no longer supported. */
  readonly scaleIO?: ScaleIOVolumeSource;
  /** Several sources in one directory. */
  readonly projected?: ProjectedVolumeSource;
  /** A StorageOS volume; no longer supported. */
  readonly storageos?: StorageOSVolumeSource;
  /** Storage of a CSI driver that lives as long as the pod. */
  readonly csi?: CSIVolumeSource;
  /** A claim that is made for the pod and goes with it. */
  readonly ephemeral?: EphemeralVolumeSource;
  /** Content of an OCI image or artifact. */
  readonly image?: ImageVolumeSource;
}

/** Gives a container a raw block device. */
export interface VolumeDevice {
  /** Volume claim in block mode. */
  readonly name: string;
  /** Where in the container. */
  readonly devicePath: string;
}

/** Mounts a volume of the pod into a container. */
export interface VolumeMount {
  /** Volume to mount. */
  readonly name: string;
  /** Mount read-only. */
  readonly readOnly?: boolean;
  /** Where in the container; may not contain ":". */
  readonly mountPath: string;
  /** Path in the volume to mount instead of its root. */
  readonly subPath?: string;
  /** How mounts travel between host and container; None when absent. */
  readonly mountPropagation?: "None" | "HostToContainer" | "Bidirectional";
  /** Like subPath, with $(NAME) replaced by the container's environment. */
  readonly subPathExpr?: string;
  /** Whether everything below a read-only mount is read-only too; Disabled when absent. */
  readonly recursiveReadOnly?: "Disabled" | "IfPossible" | "Enabled";
}

/** State of a mount. */
export interface VolumeMountStatus {
  /** Volume that is mounted. */
  readonly name: string;
  /** Where in the container. */
  readonly mountPath: string;
  /** Whether it is read-only. */
  readonly readOnly?: boolean;
  /** Whether everything below is read-only too. */
  readonly recursiveReadOnly?: "Disabled" | "IfPossible" | "Enabled";
  /** State of the volume. */
  readonly volumeStatus?: VolumeStatus;
}

/** One source of a projected volume. */
export interface VolumeProjection {
  /** Keys of a Secret. */
  readonly secret?: SecretProjection;
  /** Information about the pod. */
  readonly downwardAPI?: DownwardAPIProjection;
  /** Keys of a ConfigMap. */
  readonly configMap?: ConfigMapProjection;
  /** A token of the pod's service account. */
  readonly serviceAccountToken?: ServiceAccountTokenProjection;
  /** Trust anchors. */
  readonly clusterTrustBundle?: ClusterTrustBundleProjection;
  /** A key and a certificate for the pod. */
  readonly podCertificate?: PodCertificateProjection;
}

/** How much storage is needed. */
export interface VolumeResourceRequirements {
  /** The most that may be given. */
  readonly limits?: Readonly<Record<string, string>>;
  /** The least that must be given. */
  readonly requests?: Readonly<Record<string, string>>;
}

/** State of a volume, by its sort. */
export interface VolumeStatus {
  /** State of an image volume. */
  readonly image?: ImageVolumeStatus;
}

/** A disk of vSphere; served by its CSI driver. */
export interface VsphereVirtualDiskVolumeSource {
  /** Path of the disk. */
  readonly volumePath: string;
  /** File system to mount. */
  readonly fsType?: string;
  /** Name of the storage policy. */
  readonly storagePolicyName?: string;
  /** Id of the storage policy. */
  readonly storagePolicyID?: string;
}

/** A pod affinity term with a weight. */
export interface WeightedPodAffinityTerm {
  /** Score from 1 to 100 for nodes that match. */
  readonly weight: number;
  /** The term. */
  readonly podAffinityTerm: PodAffinityTerm;
}

/** Identity on Windows nodes. */
export interface WindowsSecurityContextOptions {
  /** Name of the group-managed service account's credential specification. */
  readonly gmsaCredentialSpecName?: string;
  /** The credential specification itself. */
  readonly gmsaCredentialSpec?: string;
  /** Windows user that processes run as. */
  readonly runAsUserName?: string;
  /** Run on the host itself; all containers of a pod agree. */
  readonly hostProcess?: boolean;
}
