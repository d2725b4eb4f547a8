// Questions and answers to bytes and back, with dns-packet.

import * as packet from "dns-packet";
import type { DnsQuestion, DnsRecord } from "../../dns/records.ts";

export interface DnsQuery {
  readonly id: number;
  readonly question: DnsQuestion;
  /** Largest UDP answer that the client takes, from EDNS(0); 512 without. */
  readonly udpSizeBytes: number;
  readonly hasEdns: boolean;
  readonly recursionDesired: boolean;
}

/** What is wrong with a query that cannot be answered. */
export type DnsRefusal = { readonly id: number; readonly code: "FORMERR" | "NOTIMP" };

const plainUdpSizeBytes = 512;
const largestUdpSizeBytes = 1232;

/** Undefined when there is not even an id, or when it is an answer: such a packet gets none. */
export function decodeQuery(bytes: Uint8Array): DnsQuery | DnsRefusal | undefined {
  if (bytes.length < 12) return undefined;
  const id = (bytes[0]! << 8) | bytes[1]!;
  const isAnswer = (bytes[2]! & 0x80) !== 0;
  if (isAnswer) return undefined;
  const opcode = (bytes[2]! >> 3) & 0xf;
  if (opcode !== 0) return { id, code: "NOTIMP" };
  let decoded: packet.DecodedPacket;
  try {
    decoded = packet.decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch {
    return { id, code: "FORMERR" };
  }
  const question = decoded.questions?.[0];
  if (!question || decoded.questions!.length !== 1) return { id, code: "FORMERR" };
  const edns = decoded.additionals?.find((record) => record.type === "OPT") as packet.OptAnswer | undefined;
  const offered = edns ? Math.max(plainUdpSizeBytes, edns.udpPayloadSize) : plainUdpSizeBytes;
  return {
    id,
    question: { name: question.name, type: question.type },
    udpSizeBytes: Math.min(offered, largestUdpSizeBytes),
    hasEdns: edns !== undefined,
    recursionDesired: (bytes[2]! & 0x01) !== 0,
  };
}

export interface DnsAnswer {
  readonly code: "NOERROR" | "NXDOMAIN" | "SERVFAIL" | "FORMERR" | "NOTIMP" | "REFUSED";
  readonly authoritative: boolean;
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
}

const codes = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;

/** An answer longer than `limitBytes` is cut to its question, with the flag that sends the client to TCP. */
export function encodeAnswer(query: DnsQuery | DnsRefusal, answer: DnsAnswer, limitBytes: number): Uint8Array {
  const whole = encode(query, answer, 0);
  if (whole.length <= limitBytes) return whole;
  const noExtras = encode(query, { ...answer, additionals: [] }, 0);
  if (noExtras.length <= limitBytes) return noExtras;
  return encode(query, { ...answer, answers: [], authorities: [], additionals: [] }, packet.TRUNCATED_RESPONSE);
}

function encode(query: DnsQuery | DnsRefusal, answer: DnsAnswer, extraFlags: number): Uint8Array {
  const isQuery = "question" in query;
  const flags =
    (answer.authoritative ? packet.AUTHORITATIVE_ANSWER : 0) |
    (isQuery && query.recursionDesired ? packet.RECURSION_DESIRED : 0) |
    packet.RECURSION_AVAILABLE |
    extraFlags |
    codes[answer.code];
  const edns: packet.OptAnswer[] = isQuery && query.hasEdns ? [optRecord] : [];
  return packet.encode({
    type: "response",
    id: query.id,
    flags,
    questions: isQuery ? [{ name: query.question.name, type: query.question.type as packet.RecordType }] : [],
    answers: answer.answers.map(toPacket),
    authorities: answer.authorities.map(toPacket),
    additionals: [...answer.additionals.map(toPacket), ...edns],
  });
}

const optRecord = { type: "OPT", name: ".", udpPayloadSize: largestUdpSizeBytes, flags: 0, options: [] } as unknown as packet.OptAnswer;

function toPacket(record: DnsRecord): packet.Answer {
  const { name, ttlSeconds: ttl } = record;
  switch (record.type) {
    case "A":
    case "AAAA":
      return { name, ttl, type: record.type, data: record.address };
    case "CNAME":
    case "PTR":
    case "NS":
      return { name, ttl, type: record.type, data: record.target };
    case "SRV":
      return {
        name,
        ttl,
        type: "SRV",
        data: { priority: record.priority, weight: record.weight, port: record.port, target: record.target },
      };
    case "TXT":
      return { name, ttl, type: "TXT", data: record.text };
    case "SOA":
      return {
        name,
        ttl,
        type: "SOA",
        data: {
          mname: record.primary,
          rname: record.mailbox,
          serial: record.serial,
          refresh: record.refreshSeconds,
          retry: record.retrySeconds,
          expire: record.expireSeconds,
          minimum: record.minimumSeconds,
        },
      };
  }
}

/** Records of an upstream's answer that the cluster's answers can carry on. */
export function decodeAnswer(bytes: Uint8Array): { readonly code: string; readonly records: readonly DnsRecord[] } {
  const decoded = packet.decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)) as packet.DecodedPacket & { rcode: string };
  const records: DnsRecord[] = [];
  for (const answer of decoded.answers ?? []) {
    if (answer.type === "A" || answer.type === "AAAA") {
      records.push({ name: answer.name, ttlSeconds: answer.ttl ?? 0, type: answer.type, address: answer.data });
    } else if (answer.type === "CNAME") {
      records.push({ name: answer.name, ttlSeconds: answer.ttl ?? 0, type: "CNAME", target: answer.data });
    }
  }
  return { code: decoded.rcode, records };
}

/** A fresh recursive query, for names that the cluster's own answers lead to. */
export function encodeQuery(id: number, question: DnsQuestion): Uint8Array {
  return packet.encode({
    type: "query",
    id,
    flags: packet.RECURSION_DESIRED,
    questions: [{ name: question.name, type: question.type as packet.RecordType }],
  });
}
