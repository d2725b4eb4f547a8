// Generated from the schemas by `npm run generate`. Do not edit.

import type { ApiObject } from "../../object/kind.ts";
import type { ObjectMeta } from "../../object/meta.gen.ts";

/** Object that a token dies with. */
export interface BoundObjectReference {
  /** Pod, Secret or Node. */
  readonly kind?: string;
  /** Group and version of the object. */
  readonly apiVersion?: string;
  /** Name of the object. */
  readonly name?: string;
  /** UID of the object. */
  readonly uid?: string;
}

/** Asks who the caller is. */
export interface SelfSubjectReview extends ApiObject {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** Name, labels and what else every object has. */
  readonly metadata?: ObjectMeta;
  /** The answer. */
  readonly status?: SelfSubjectReviewStatus;
}

/** Who the caller is. */
export interface SelfSubjectReviewStatus {
  /** The caller, as the server sees them. */
  readonly userInfo?: UserInfo;
}

/** Asks for a token of a service account. */
export interface TokenRequest {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** Name, labels and what else every object has. */
  readonly metadata?: ObjectMeta;
  /** What token is wanted. */
  readonly spec?: TokenRequestSpec;
  /** The token. */
  readonly status?: TokenRequestStatus;
}

/** What token is wanted. */
export interface TokenRequestSpec {
  /** Whom the token is for; the API server when empty. */
  readonly audiences?: readonly string[];
  /** Object that the token dies with. */
  readonly boundObjectRef?: BoundObjectReference;
  /** How long it should be valid; the server may give another time. */
  readonly expirationSeconds?: number;
}

/** The token. */
export interface TokenRequestStatus {
  /** The bearer token itself. */
  readonly token?: string;
  /** When it ends. */
  readonly expirationTimestamp?: string;
}

/** Asks whose a token is. */
export interface TokenReview extends ApiObject {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** Name, labels and what else every object has. */
  readonly metadata?: ObjectMeta;
  /** The token in question. */
  readonly spec: TokenReviewSpec;
  /** The answer. */
  readonly status?: TokenReviewStatus;
}

/** The token in question. */
export interface TokenReviewSpec {
  /** The bearer token. */
  readonly token: string;
  /** Whom the token should be for; the API server when empty. */
  readonly audiences?: readonly string[];
}

/** Whose the token is. */
export interface TokenReviewStatus {
  /** Whether it belongs to a known user. */
  readonly authenticated?: boolean;
  /** That user. */
  readonly user?: UserInfo;
  /** Why the token could not be checked. */
  readonly error?: string;
  /** Those of the asked audiences that the token is good for. */
  readonly audiences?: readonly string[];
}

/** An authenticated user. */
export interface UserInfo {
  /** Name, unique among active users. */
  readonly username?: string;
  /** Id that tells users of the same name at different times apart. */
  readonly uid?: string;
  /** Groups the user belongs to. */
  readonly groups?: readonly string[];
  /** Whatever else the authenticator knows. */
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}
