/**
 * An address as a page shows it to whoever holds a link: enough for its owner to know it, too little for others.
 * `maria.lopez@example.org` becomes `m•••@example.org`.
 */
export function maskAddress(email: string): string {
  const at = email.lastIndexOf("@");
  const [first = ""] = email.slice(0, at);
  return `${first}•••${email.slice(at)}`;
}
