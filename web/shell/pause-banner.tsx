import { Button } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { api } from "../api/client.ts";
import { useMay } from "../api/me.ts";
import { Moment } from "../ui/when.tsx";
import classes from "./shell.module.css";

const ResumeModal = lazy(() => import("./resume-modal.tsx"));

/** A copy of the database sends nothing until somebody says so; everybody is told on every page. (product 6.3) */
export function PauseBanner() {
  const { data } = api.useQuery("get", "/api/v1/installation", {}, { refetchInterval: 60_000 });
  const mayResume = useMay("accounts:manage");
  const mayErase = useMay("personal-data:manage");
  const [isAsked, setIsAsked] = useState(false);
  if (!data?.pausedReason) return null;
  const since = data.erasuresUnknownSince;
  return (
    <div className={classes.banner} role="status">
      <span>
        <strong>Mailings and writebacks are paused.</strong> {data.pausedReason} Syncs and everything else go on; no
        mailing, writeback, notice or webhook call leaves.{" "}
        {mayResume
          ? "Let them go on when no other installation sends."
          : "Only whoever runs this installation (staff, or the command lockstep resume) lets them go on."}
        {since !== null && mayErase && (
          <>
            {" "}
            <strong>
              Whoever was erased on request after <Moment at={since} /> is back in it:
            </strong>{" "}
            {mayResume ? "erase them again first." : "tell whoever runs this installation, or erase them again."}
          </>
        )}
      </span>
      {mayResume && (
        <Button size="xs" variant="white" color="dark" onClick={() => setIsAsked(true)}>
          Let them go on…
        </Button>
      )}
      {isAsked && (
        <Suspense fallback={null}>
          <ResumeModal erasuresUnknownSince={since} onClose={() => setIsAsked(false)} />
        </Suspense>
      )}
    </div>
  );
}
