// Podsecurity reads Kubernetes objects as YAML documents from its input and evaluates the pod of each at the level "restricted", latest version,
// with the evaluator of the API server's admission. It prints a line for each thing that forbids a pod: kind/name: reason: detail.
// It fails where it cannot read an object, and where nothing it was given holds a pod.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

func main() {
	if err := evaluate(os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func evaluate(input io.Reader) error {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{appsv1.AddToScheme, batchv1.AddToScheme, corev1.AddToScheme} {
		if err := add(scheme); err != nil {
			return err
		}
	}
	decoder := serializer.NewCodecFactory(scheme).UniversalDeserializer()
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		return err
	}
	level := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
	documents, pods := yaml.NewYAMLReader(bufio.NewReader(input)), 0
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		object, kind, err := decoder.Decode(document, nil, nil)
		if runtime.IsNotRegisteredError(err) || runtime.IsMissingKind(err) {
			continue
		}
		if err != nil {
			return err
		}
		template := podOf(object)
		if template == nil {
			continue
		}
		pods++
		for _, result := range evaluator.EvaluatePod(level, &template.ObjectMeta, &template.Spec) {
			if !result.Allowed {
				fmt.Printf("%s/%s: %s: %s\n", kind.Kind, object.(metav1.Object).GetName(), result.ForbiddenReason, result.ForbiddenDetail)
			}
		}
	}
	if pods == 0 {
		return errors.New("there is no pod in what was read")
	}
	return nil
}

// The pod that an object is or makes; nil for all that run none.
func podOf(object runtime.Object) *corev1.PodTemplateSpec {
	switch of := object.(type) {
	case *appsv1.Deployment:
		return &of.Spec.Template
	case *appsv1.StatefulSet:
		return &of.Spec.Template
	case *appsv1.DaemonSet:
		return &of.Spec.Template
	case *batchv1.Job:
		return &of.Spec.Template
	case *batchv1.CronJob:
		return &of.Spec.JobTemplate.Spec.Template
	case *corev1.Pod:
		return &corev1.PodTemplateSpec{ObjectMeta: of.ObjectMeta, Spec: of.Spec}
	default:
		return nil
	}
}
