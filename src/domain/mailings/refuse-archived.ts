import { ConflictError } from "../../platform/errors.ts";
import type { Mailing } from "./mailing.ts";

/** What is archived is only read: neither changed nor published. @throws ConflictError when it is */
export function refuseArchived({ name, archivedAt }: Pick<Mailing, "name" | "archivedAt">): void {
  if (archivedAt !== null)
    throw new ConflictError("archived", `'${name}' is archived.`, "Bring it back from the archive first.");
}
