import { Problem, type Schema } from "../../api/client.ts";

/**
 * Sends a file as it is. By XMLHttpRequest: `fetch` doesn't tell how far it is.
 * @param onProgress told the share that is sent, from 0 to 1
 * @throws Problem
 */
export function sendFile(
  file: File,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<Schema<"Upload">> {
  const { promise, resolve, reject } = Promise.withResolvers<Schema<"Upload">>();
  const request = new XMLHttpRequest();
  request.open("POST", `/api/v1/uploads?${new URLSearchParams({ name: file.name.slice(-200) })}`);
  request.setRequestHeader("content-type", "text/csv");
  request.responseType = "json";
  request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
  request.onload = () => {
    if (request.status === 201) resolve(request.response);
    else reject(new Problem(request.status, request.response ?? {}));
  };
  request.onerror = () =>
    reject(
      new Problem(0, {
        code: "unreachable",
        title: "The file did not arrive",
        detail: "The connection broke off. Nothing was kept.",
        wayOut: "Choose the file again.",
      }),
    );
  request.onabort = () => reject(signal.reason);
  signal.addEventListener("abort", () => request.abort());
  request.send(file);
  return promise;
}
