import { type AddressInfo, createServer } from "node:net";

/** A mail server in as few lines as may be, which keeps nothing: what is measured is who sends. Prints its port. */
const server = createServer((socket) => {
  let input = "";
  let isData = false;
  socket.setNoDelay(true);
  socket.on("error", () => {});
  socket.write("220 sink\r\n");
  socket.on("data", (chunk: Buffer) => {
    input += chunk.toString("latin1");
    let replies = "";
    for (;;) {
      const mark = isData ? "\r\n.\r\n" : "\r\n";
      const end = input.indexOf(mark);
      if (end < 0) break;
      const line = input.slice(0, end).toUpperCase();
      input = input.slice(end + mark.length);
      if (isData) replies += "250 2.0.0 taken\r\n";
      else if (line.startsWith("EHLO")) replies += "250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n";
      else if (line.startsWith("QUIT")) socket.end("221 bye\r\n");
      else replies += line.startsWith("DATA") ? "354 go on\r\n" : "250 ok\r\n";
      isData = !isData && line.startsWith("DATA");
    }
    // What was sent together is answered together, as real servers do.
    if (replies !== "" && socket.writable) socket.write(replies);
  });
});
server.listen(0, "127.0.0.1", () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
const parent = process.ppid;
setInterval(() => process.ppid === parent || process.exit(), 500).unref();
