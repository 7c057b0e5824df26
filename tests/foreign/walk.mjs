// A client that shares nothing with Proxx but the proto files. It submits a typed JobSpec on hold, watches the job, starts
// it once the stream shows it, follows it to its end and prints what it saw as one JSON object.
// Usage: node walk.mjs HOST:PORT SPEC.json PROTO_DIRECTORY
import { readFileSync } from "node:fs";
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";

const TERMINAL = /^(COMPLETED|PARTIAL|FAILED|CANCELLED|REJECTED)$/;

const [address, specFile, protos] = process.argv.slice(2);
const definition = loader.loadSync("proxx/api/jobs/v1/job_service.proto", {
  includeDirs: [protos],
  keepCase: true,
  longs: Number,
  enums: String,
  oneofs: true,
});
const { JobService } = grpc.loadPackageDefinition(definition).proxx.api.jobs.v1;
const client = new JobService(address, grpc.credentials.createInsecure());
const deadline = () => ({ deadline: Date.now() + 20_000 });

function call(method, request) {
  return new Promise((resolve, reject) =>
    client[method](request, deadline(), (error, answer) => (error ? reject(error) : resolve(answer))),
  );
}

// Resolves with one line for each event, after the event that ends the job. `onSnapshot` runs once, at the first message.
function watch(jobKey, onSnapshot) {
  return new Promise((resolve, reject) => {
    const lines = [];
    const stream = client.WatchJobs({ job_keys: [jobKey] }, deadline());
    stream.on("error", (error) => (error.code === grpc.status.CANCELLED ? resolve(lines) : reject(error)));
    stream.on("data", ({ snapshot, event }) => {
      if (snapshot) onSnapshot(snapshot).catch(reject);
      if (!event) return;
      const ofClip = event._clip_index !== undefined;
      lines.push(ofClip ? `${event.kind} ${event.clip_index}` : event.kind);
      if (!ofClip && TERMINAL.test(event.after)) stream.cancel();
    });
  });
}

const submission = {
  request_id: "from node",
  spec: JSON.parse(readFileSync(specFile, "utf8")),
  options: { hold: true },
};
const first = await call("SubmitJob", submission);
const again = await call("SubmitJob", submission);
const jobKey = first.job.job_key;
const events = await watch(jobKey, () => call("StartJob", { job_key: jobKey, request_id: "start from node" }));
const { result } = await call("GetJobResult", { job_key: jobKey });
const refusal = await call("GetJob", { job_key: "nobody" }).catch((error) => error);
console.log(
  JSON.stringify({
    created: [first.created ?? false, again.created ?? false],
    keys: [jobKey, again.job.job_key],
    events,
    status: result.final_status,
    clips: result.clips.map((clip) => [clip.status, clip.resolved_output_path, clip.output_sha256]),
    refusal: [grpc.status[refusal.code], refusal.metadata.get("grpc-status-details-bin").length],
  }),
);
client.close();
