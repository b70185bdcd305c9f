import { Button } from "@mantine/core";
import { api } from "../api/client.ts";
import { useMay } from "../api/me.ts";
import { useReask } from "../api/reask.ts";
import { tellProblem } from "../ui/toasts.tsx";
import classes from "./shell.module.css";

/** A copy of the database sends nothing until somebody says so; everybody is told on every page. (product 6.3) */
export function PauseBanner() {
  const { data } = api.useQuery("get", "/api/v1/installation", {}, { refetchInterval: 60_000 });
  const mayResume = useMay("accounts:manage");
  const resume = api.useMutation("post", "/api/v1/installation/resume", {
    onError: tellProblem,
    onSettled: useReask("/installation"),
  });
  if (!data?.pausedReason) return null;
  return (
    <div className={classes.banner} role="status">
      <span>
        <strong>Mailings and writebacks are paused.</strong> {data.pausedReason}{" "}
        {mayResume
          ? "Let them go on when no other installation sends."
          : "Whoever runs this installation lets them go on: lockstep resume."}
      </span>
      {mayResume && (
        <Button size="xs" variant="white" color="dark" loading={resume.isPending} onClick={() => resume.mutate({})}>
          Let them go on
        </Button>
      )}
    </div>
  );
}
