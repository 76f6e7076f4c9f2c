package analyzer

import "testing"

func TestJob(t *testing.T) { test(t, Job, "job", "jobimports", "jobadapted") }
