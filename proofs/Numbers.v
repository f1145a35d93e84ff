(** * Numbers.v : certified numbers, by interval arithmetic inside the proof checker *)

From Coq Require Import Reals Lra.
From Coquelicot Require Import Coquelicot.
From Interval Require Import Tactic.
From Book Require Import Latch.
Open Scope R_scope.

(** i_prec 60: arithmetic on integers, so that no floating-point axiom is used. *)

(** At w = 1.25 the margin lies between 0.0778 and 0.0779. *)
Theorem h_star_at_1_25 : 0.0778 < h_star 1.25 < 0.0779.
Proof. unfold h_star, arcosh. split; interval with (i_prec 60). Qed.

(** At w = 2 the margin lies between 0.5328399 and 0.5328400. *)
Theorem h_star_at_2 : 0.5328399 < h_star 2 < 0.5328400.
Proof. unfold h_star, arcosh. split; interval with (i_prec 60). Qed.

(** At w = 4 the margin lies between 2.1471437 and 2.1471438. *)
Theorem h_star_at_4 : 2.1471437 < h_star 4 < 2.1471438.
Proof. unfold h_star, arcosh. split; interval with (i_prec 60). Qed.

(** The attractor at w = 2 lies between 1.915 and 1.9151. *)
Theorem attractor_at_2 a : upper 2 a -> 1.915 < a < 1.9151.
Proof.
  intros Ha. pose proof (upper_beyond 2 a ltac:(lra) Ha) as B.
  assert (S : a_star 2 < 1.915) by (unfold a_star, arcosh; interval with (i_prec 60)).
  assert (G : gap 2 a = 0) by (destruct Ha as [_ E]; unfold gap; lra).
  assert (L : gap 2 1.915 < 0) by (unfold gap, M, tanh, sinh, cosh; interval with (i_prec 60)).
  assert (U : 0 < gap 2 1.9151) by (unfold gap, M, tanh, sinh, cosh; interval with (i_prec 60)).
  split; apply Rnot_le_lt; intros H.
  - destruct H as [H | ->]; [| lra].
    pose proof (gap_rises 2 a 1.915 ltac:(lra) ltac:(lra)). lra.
  - destruct H as [H | <-]; [| lra].
    pose proof (gap_rises 2 1.9151 a ltac:(lra) ltac:(lra)). lra.
Qed.

(** At w = 2 the slope at 0.65 exceeds 1.346, and its product with the slope at 3 is below 1. *)
Theorem steep_and_flat : 1.346 < slope 2 0.65 < 1.347 /\ slope 2 3 < 0.02 /\
  slope 2 0.65 * slope 2 3 < 1.
Proof.
  unfold slope, tanh, sinh, cosh. repeat split; interval with (i_prec 60).
Qed.

(** With the factor of the ball at the same time, in the place of the one before, inputs within
    the bound of Theorem 3 take the state out of the tube in two steps. *)
Theorem index_matters :
  let d := 0.01 in
  let c := state (M 2.5) (fun _ => 0) 1.1 in             (* the trajectory without input *)
  let k t := slope 2.5 (c t - d) in                      (* the largest slope on the ball *)
  let u t := - (0.999 * ((1 - k t) * d)) in
  k 0%nat < 1 /\ k 1%nat < 1 /\ k 2%nat < 1 /\ state (M 2.5) u 1.1 2 < c 2%nat - d.
Proof.
  cbv beta zeta delta [state slope M tanh sinh cosh].
  repeat split; interval with (i_prec 60).
Qed.
