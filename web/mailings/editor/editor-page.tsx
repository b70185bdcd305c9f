import { getRouteApi } from "@tanstack/react-router";
import { api } from "../../api/client.ts";
import { Loaded } from "../../ui/states.tsx";
import { MailingEditor } from "./mailing-editor.tsx";

const mailingRoute = getRouteApi("/shell/mailings/$mailingId");
const templateRoute = getRouteApi("/shell/mailing-templates/$mailingId");

/** Mailings › one mailing, as it is written. (product 4.1) */
export function MailingEditorPage() {
  return <Editor id={mailingRoute.useParams().mailingId} />;
}

/** Mailings › Templates › one template, written in the same way. */
export function TemplateEditorPage() {
  return <Editor id={templateRoute.useParams().mailingId} />;
}

function Editor({ id }: { readonly id: string }) {
  const mailing = api.useQuery("get", "/api/v1/mailings/{id}", { params: { path: { id } } });
  return (
    <Loaded query={mailing} lines={14}>
      {(found) => <MailingEditor key={found.id} mailing={found} />}
    </Loaded>
  );
}
