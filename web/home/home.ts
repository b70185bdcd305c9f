import type { Schema } from "../api/client.ts";

export type Home = Schema<"Home">;
