// Standing between components and the API server: where a test loses, delays or counts requests.

import type { Exchange, UserInfo } from "../wire/exchange.ts";

/** An Exchange in front of another, for the requests of one identity. */
export type Interpose = (user: UserInfo, exchange: Exchange) => Exchange;
