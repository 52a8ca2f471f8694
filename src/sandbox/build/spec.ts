/** What a build in the sandbox is given, and what comes of it. */
import type { ByteString } from "#base";
import type { Tracer } from "../fallback/tracer.ts";

/** Where the builder starts, unless the specification says otherwise. */
export const BUILD_DIR_INSIDE = "/build";

/** A real path, seen as it is (writable where the machine lets the caller write) at a place inside. */
export interface HostPath {
  readonly target: string;
  readonly source: string;
  /** Left out where the source is missing. */
  readonly optional: boolean;
}

export type Starter = "perl" | "util-linux";

/** What `/` is for the builder: a root's view, or nothing but what the build's own mounts bring. */
export type BuildRoot = { readonly kind: "view"; readonly dir: string } | { readonly kind: "empty" };

/** A real file or directory, seen read-only at an absolute place inside. */
export interface BuildMount {
  readonly source: string;
  readonly target: string;
}

export interface BuildSandboxSpec {
  readonly root: BuildRoot;
  /** The closure of the inputs. Targets lie directly in the store's directory. */
  readonly storeMounts: readonly BuildMount[];
  /**
   * A real directory on the store's file system, seen as the writable store. Mount points of the inputs
   * are made in it, and stay; what is there besides, the builder made.
   */
  readonly chrootStoreDir: string;
  /** A real directory, seen as /build (or `buildDirInside`): where the builder starts. */
  readonly buildDir: string;
  /** Views of roots that launchers among the inputs enter: targets lie in /nix/var/copse/views. */
  readonly viewMounts?: readonly BuildMount[];
  /** Further directories, over what the root has at these places or below /copse. */
  readonly binds?: readonly (BuildMount & { readonly isWritable: boolean })[];
  readonly network: boolean;
  /** Exactly the builder's environment, as byte strings. */
  readonly env: Readonly<Record<ByteString, ByteString>>;
  readonly argv: readonly [ByteString, ...ByteString[]];
  /** The derivation's, such as `i686-linux`; default: this machine's. */
  readonly system?: string;
  /** Where the builder sees its folder; default `/build`. */
  readonly buildDirInside?: string;
  /** Of /dev/shm, as tmpfs takes it. Default `50%`. */
  readonly sharedMemorySize?: string;
  /** See syscall-filter.ts. Default: no filter. */
  readonly filterSyscalls?: boolean;
  /** Whether the builder may use the machine's hardware virtualisation. */
  readonly kvm?: boolean;
  /** Files and folders of the machine that an administrator shows to all builds. */
  readonly hostPaths?: readonly HostPath[];
  /** What runs the builder where this machine allows no namespaces. */
  readonly tracer?: Tracer | undefined;
  /** What starts the builder; default: perl where there is one. See sandbox.ts. */
  readonly starter?: Starter;
  /** Where the scratch directory is made; default: the system's temporary directory. */
  readonly scratchParent?: string;
}

export interface BuildSandboxIo {
  /** What the builder writes to its standard output and error, in order. */
  onOutput(chunk: Uint8Array): void;
  readonly signal?: AbortSignal;
}

export interface BuildSandboxResult {
  /** 128 + n when the builder died of signal n: process 1, a shell, tells it so. Null if all was killed. */
  readonly exitCode: number | null;
  readonly signal: string | null;
}
