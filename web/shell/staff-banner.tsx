import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { api } from "../api/client.ts";
import { forgetAccount, useMe } from "../api/me.ts";
import classes from "./shell.module.css";

/** Staff inside an account are told so on every page, and everything they do stands in its audit log. */
export function StaffBanner() {
  const { isEntered, account } = useMe();
  const memory = useQueryClient();
  const navigate = useNavigate();
  const leave = api.useMutation("delete", "/api/v1/accounts/entered", {
    onSuccess: async () => {
      await forgetAccount(memory);
      await navigate({ to: "/staff/accounts" });
    },
  });
  if (!isEntered || !account) return null;
  return (
    <div className={classes.banner} role="status">
      <span>
        You are staff inside <strong className="name">{account.name}</strong>. What you do is written to its audit log.
      </span>
      <Button size="xs" variant="white" color="dark" loading={leave.isPending} onClick={() => leave.mutate({})}>
        Leave this account
      </Button>
    </div>
  );
}
