import { parentPort } from "node:worker_threads";
import { AmsError } from "../connector.ts";
import { AnswerReader, cellSeparator, rowSeparator } from "./answer-reader.ts";
import type { FromWorker, ToWorker } from "./row-parser.ts";

/**
 * Reads answers beside the main thread. Rows go back as one string for each batch: a string is copied in one go, where
 * a structured clone of row objects costs as much as parsing them.
 */
const rowsPerBatch = 500;
/** Rows may be large: a batch is also bounded by its text. */
const charactersPerBatch = 1024 ** 2;

if (!parentPort) throw new Error("parse-worker.ts runs as a worker thread");
const port = parentPort;
const send = (message: FromWorker) => port.postMessage(message);

let reader: AnswerReader | undefined;
let batch: string[] = [];
let characters = 0;

port.on("message", (message: ToWorker) => {
  try {
    take(message);
  } catch (error) {
    reader = undefined;
    batch = [];
    const failure =
      error instanceof AmsError
        ? error
        : new AmsError("incomplete", "netFORUM Pro's answer could not be read.", { detail: String(error) });
    send({ type: "failed", kind: failure.kind, message: failure.message, detail: failure.detail });
  }
});

function take(message: ToWorker): void {
  switch (message.type) {
    case "begin":
      batch = [];
      characters = 0;
      reader = new AnswerReader(message.expected, message.bounds, (cells) => {
        const row = cells.join(cellSeparator);
        batch.push(row);
        characters += row.length;
        if (batch.length >= rowsPerBatch || characters >= charactersPerBatch) flush();
      });
      return;
    case "chunk":
      reader?.write(message.bytes);
      send({ type: "taken" });
      return;
    case "end": {
      const answer = reader?.end();
      flush();
      if (answer) send({ type: "done", answer });
      reader = undefined;
    }
  }
}

function flush(): void {
  if (batch.length === 0) return;
  send({ type: "rows", text: batch.join(rowSeparator), rows: batch.length });
  batch = [];
  characters = 0;
}
