(** * Banach.v : what a contraction buys *)

From Coq Require Import Reals Lra Lia.
From Coquelicot Require Import Coquelicot.
From Book Require Import Contraction.
Open Scope R_scope.

Section Banach.
Context {C : CompleteNormedModule R_AbsRing}.
Let V : NormedModule R_AbsRing := CompleteNormedModule.NormedModule R_AbsRing C.
Variables (M : V -> V) (D : V -> Prop) (k : R).
Hypothesis Hclosed : closed D.
Hypothesis Hinto : forall x, D x -> D (M x).
Hypothesis Hk : 0 <= k < 1.
Hypothesis HM : contracting_by k D M.

Fixpoint orbit (a0 : V) (t : nat) : V :=
  match t with O => a0 | S s => M (orbit a0 s) end.

Lemma orbit_in a0 t : D a0 -> D (orbit a0 t).
Proof. intros H. induction t as [| t IH]; simpl; auto. Qed.

(** Each step is at most k times as long as the last. *)
Lemma step_length a0 t : D a0 ->
  ‖orbit a0 (S t) - orbit a0 t‖ <= k ^ t * ‖M a0 - a0‖.
Proof.
  intros H0. induction t as [| t IH]; [simpl; lra |].
  apply Rle_trans with (k * ‖orbit a0 (S t) - orbit a0 t‖).
  - apply HM; apply orbit_in, H0.
  - simpl pow. rewrite Rmult_assoc. apply Rmult_le_compat_l; [lra | exact IH].
Qed.

(** All the steps from time t on add up to at most a geometric series. *)
Lemma rest_of_way a0 t n : D a0 ->
  ‖orbit a0 (t + n) - orbit a0 t‖ <= k ^ t * (1 - k ^ n) / (1 - k) * ‖M a0 - a0‖.
Proof.
  intros H0. induction n as [| n IH].
  - rewrite Nat.add_0_r, norm_self. simpl. right. field. lra.
  - rewrite Nat.add_succ_r.
    apply Rle_trans with (1 := norm_minus_triangle _ (orbit a0 (t + n)) _).
    pose proof (step_length a0 (t + n) H0) as L. rewrite pow_add in L.
    replace (k ^ t * (1 - k ^ S n) / (1 - k) * ‖M a0 - a0‖)
      with (k ^ t * k ^ n * ‖M a0 - a0‖ + k ^ t * (1 - k ^ n) / (1 - k) * ‖M a0 - a0‖)
      by (simpl; field; lra).
    apply Rplus_le_compat; assumption.
Qed.

Lemma rest_of_way' a0 t n : D a0 ->
  ‖orbit a0 (t + n) - orbit a0 t‖ <= k ^ t * (‖M a0 - a0‖ / (1 - k)).
Proof.
  intros H0. apply Rle_trans with (1 := rest_of_way a0 t n H0).
  pose proof (pow_le k t ltac:(lra)). pose proof (pow_le k n ltac:(lra)).
  pose proof (norm_ge_0 (M a0 - a0)%V).
  replace (k ^ t * (1 - k ^ n) / (1 - k) * ‖M a0 - a0‖)
    with (k ^ t * (‖M a0 - a0‖ / (1 - k)) - k ^ n * (k ^ t * (‖M a0 - a0‖ / (1 - k))))
    by (field; lra).
  assert (0 <= ‖M a0 - a0‖ / (1 - k)) by (apply Rdiv_le_0_compat; lra).
  assert (0 <= k ^ t * (‖M a0 - a0‖ / (1 - k))) by (apply Rmult_le_pos; assumption).
  assert (0 <= k ^ n * (k ^ t * (‖M a0 - a0‖ / (1 - k)))) by (apply Rmult_le_pos; assumption).
  lra.
Qed.

(** A distance that is below c k^t for every t is 0. *)
Lemma below_all_powers e c : (forall t : nat, e <= c * k ^ t) -> e <= 0.
Proof.
  intros H.
  assert (L : is_lim_seq (fun t => c * k ^ t) 0).
  { replace (Finite 0) with (Rbar_mult c 0) by (simpl; f_equal; ring).
    apply is_lim_seq_scal_l, is_lim_seq_geom. rewrite Rabs_pos_eq; lra. }
  apply (is_lim_seq_le (fun _ => e) (fun t => c * k ^ t) e 0 H (is_lim_seq_const e) L).
Qed.

(** A contraction of a closed set into itself has exactly one fixed point there, and the distance
    from it falls at least like k^t. *)
Theorem banach a0 : D a0 -> exists a,
  D a /\ M a = a /\ (forall b, D b -> M b = b -> b = a) /\
  forall a1, D a1 -> forall t,
    ‖orbit a1 t - a‖ <= k ^ t * ‖a1 - a‖ /\
    ‖orbit a1 t - a‖ <= k ^ t * (‖M a1 - a1‖ / (1 - k)).
Proof.
  intros H0.
  (* the orbit is a Cauchy sequence *)
  set (B := ‖M a0 - a0‖ / (1 - k)).
  assert (HB : 0 <= B) by (apply Rdiv_le_0_compat; [apply norm_ge_0 | lra]).
  assert (Small : forall eps, 0 < eps -> exists T, forall t, (T <= t)%nat -> k ^ t * B < eps).
  { intros eps Heps.
    assert (L : is_lim_seq (fun t => k ^ t * B) 0).
    { replace (Finite 0) with (Rbar_mult 0 B) by (simpl; f_equal; ring).
      apply is_lim_seq_scal_r, is_lim_seq_geom. rewrite Rabs_pos_eq; lra. }
    apply is_lim_seq_spec in L. destruct (L (mkposreal eps Heps)) as (T & HT).
    exists T. intros t Ht. specialize (HT t Ht). simpl in HT.
    apply Rabs_def2 in HT. lra. }
  assert (Lim : exists a, filterlim (orbit a0) eventually (locally a)).
  { apply (proj1 (filterlim_locally_cauchy (U := CompleteNormedModule.CompleteSpace R_AbsRing C)
      (F := eventually) (orbit a0))). intros eps.
    destruct (Small (eps / 2) ltac:(pose proof (cond_pos eps); lra)) as (T & HT).
    exists (fun t => (T <= t)%nat). split; [exists T; auto |].
    assert (Half : forall t n, (T <= t)%nat -> ‖orbit a0 (t + n) - orbit a0 t‖ < eps / 2).
    { intros t n Ht. apply Rle_lt_trans with (1 := rest_of_way' a0 t n H0). apply HT, Ht. }
    intros s t Hs Ht. apply (norm_compat1 (V := V)).
    apply Rle_lt_trans with (1 := norm_minus_triangle _ (orbit a0 T) _).
    pose proof (Half T (t - T)%nat (Nat.le_refl T)) as B1.
    pose proof (Half T (s - T)%nat (Nat.le_refl T)) as B2.
    replace (T + (t - T))%nat with t in B1 by lia.
    replace (T + (s - T))%nat with s in B2 by lia.
    rewrite norm_minus_sym in B2. lra. }
  destruct Lim as (a & Ha).
  assert (Da : D a).
  { apply Hclosed. intros Hnot. specialize (Ha _ Hnot). destruct Ha as (T & HT).
    apply (HT T (Nat.le_refl T)), orbit_in, H0. }
  assert (Near : forall eps, 0 < eps -> exists T, forall t, (T <= t)%nat -> ‖orbit a0 t - a‖ < eps).
  { intros eps Heps.
    pose proof (@norm_factor_gt_0 R_AbsRing V) as HF. set (F := @norm_factor R_AbsRing V) in *.
    assert (Hr : 0 < eps / F) by (apply Rdiv_lt_0_compat; lra).
    destruct (Ha (@ball V a (mkposreal _ Hr))) as (T & HT); [apply (locally_ball (T := V)) |].
    exists T. intros t Ht. specialize (HT t Ht). simpl in HT.
    pose proof (norm_compat2 a (orbit a0 t) (mkposreal _ Hr) HT) as N. simpl in N. fold F in N.
    replace (F * (eps / F)) with eps in N by (field; lra). exact N. }
  assert (Fix : M a = a).
  { assert (Z : ‖M a - a‖ <= 0).
    { apply le_any. intros eps Heps. destruct (Near (eps / 2) ltac:(lra)) as (T & HT).
      pose proof (HT T (Nat.le_refl T)) as B1. pose proof (HT (S T) (Nat.le_succ_diag_r T)) as B2.
      pose proof (HM _ _ (orbit_in a0 T H0) Da) as B3. rewrite norm_minus_sym in B1.
      pose proof (norm_ge_0 (a - orbit a0 T)%V).
      apply Rle_trans with (1 := norm_minus_triangle _ (orbit a0 (S T)) _).
      assert (‖M a - orbit a0 (S T)‖ <= ‖a - orbit a0 T‖).
      { apply Rle_trans with (1 := B3). rewrite <- (Rmult_1_l (‖a - orbit a0 T‖)) at 2.
        apply Rmult_le_compat_r; lra. }
      lra. }
    pose proof (norm_ge_0 (M a - a)%V).
    assert (E : (M a - a)%V = zero) by (apply norm_eq_zero; lra).
    rewrite <- (plus_cancel a (M a)), E. apply plus_zero_r. }
  assert (Rate : forall a1, D a1 -> forall t, ‖orbit a1 t - a‖ <= k ^ t * ‖a1 - a‖).
  { intros a1 H1 t. induction t as [| t IH]; [simpl; lra |].
    simpl orbit. rewrite <- Fix at 1.
    apply Rle_trans with (1 := HM _ _ Da (orbit_in a1 t H1)).
    simpl pow. rewrite Rmult_assoc. apply Rmult_le_compat_l; [lra | exact IH]. }
  exists a. split; [exact Da |]. split; [exact Fix |]. split.
  - intros b Db Eb.
    assert (Z : ‖b - a‖ <= 0).
    { pose proof (HM a b Da Db) as N. rewrite Fix, Eb in N.
      pose proof (norm_ge_0 (b - a)%V). nra. }
    pose proof (norm_ge_0 (b - a)%V).
    assert (E : (b - a)%V = zero) by (apply norm_eq_zero; lra).
    rewrite <- (plus_cancel a b), E. apply plus_zero_r.
  - intros a1 H1 t. split; [apply Rate, H1 |].
    apply Rle_trans with (1 := Rate a1 H1 t).
    apply Rmult_le_compat_l; [apply pow_le; lra |].
    (* |a1 - a| <= |a1 - M a1| + |M a1 - M a| <= |a1 - M a1| + k |a1 - a| *)
    pose proof (norm_minus_triangle a1 (M a1) a) as T.
    pose proof (HM a a1 Da H1) as N. rewrite Fix in N.
    rewrite (norm_minus_sym a1 (M a1)) in T.
    apply Rmult_le_reg_r with (1 - k); [lra |].
    replace (‖M a1 - a1‖ / (1 - k) * (1 - k)) with (‖M a1 - a1‖) by (field; lra). lra.
Qed.

End Banach.
