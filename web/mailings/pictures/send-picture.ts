import { Problem, type Schema } from "../../api/client.ts";

/** Sends a picture as it is. @throws Problem */
export async function sendPicture(file: File): Promise<Schema<"Image">> {
  const query = new URLSearchParams({ name: file.name.slice(-200) || "picture" });
  const answer = await fetch(`/api/v1/images?${query}`, {
    method: "POST",
    headers: { "content-type": file.type || "application/octet-stream" },
    body: file,
  }).catch(() => {
    throw new Problem(0, {
      code: "unreachable",
      title: "The picture did not arrive",
      detail: "The connection broke off. Nothing was kept.",
      wayOut: "Choose the file again.",
    });
  });
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Problem(answer.status, body);
  return body;
}
