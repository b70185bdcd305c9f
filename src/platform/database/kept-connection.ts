import pg from "pg";

/** How often a connection beside the pool is asked whether it lives, and how long it may take to say so. */
const beatMs = 5_000;

/** A connection of one's own, beside the pool. */
export interface KeptConnection {
  /** The one that stands now. */
  client(): pg.Client;
  close(): Promise<void>;
}

/** A connection beside the pool that comes back by itself, prepared anew each time. The first one must succeed. */
export async function keepConnected(
  config: pg.PoolConfig,
  prepare: (client: pg.Client) => Promise<void>,
): Promise<KeptConnection> {
  let client: pg.Client;
  let isClosed = false;
  let isDown = false;
  const connect = async () => {
    const next = new pg.Client({
      ...(config as pg.ClientConfig),
      options: "-c timezone=UTC",
      connectionTimeoutMillis: beatMs,
      query_timeout: beatMs,
    });
    next.on("error", () => {});
    try {
      await next.connect();
      await prepare(next);
    } catch (error) {
      void next.end().catch(() => {});
      throw error;
    }
    if (isClosed) return void (await next.end()); // closed while this one was on its way
    next.once("end", () => next === client && again());
    client = next;
    isDown = false;
  };
  const again = () => {
    if (isClosed || isDown) return;
    isDown = true;
    const retry = () => void connect().catch(() => setTimeout(retry, 1000).unref());
    setTimeout(retry, 1000).unref();
  };
  await connect();
  // A connection that the network forgot says nothing: the server has let go of its locks long ago.
  const beat = setInterval(() => {
    const asked = client;
    asked.query("select 1").catch(() => {
      if (asked !== client || isDown) return;
      again();
      void asked.end().catch(() => {});
    });
  }, beatMs).unref();
  return {
    client: () => client,
    close: async () => {
      isClosed = true;
      clearInterval(beat);
      await client.end();
    },
  };
}
