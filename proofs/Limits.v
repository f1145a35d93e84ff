(** * Limits.v : what fails when a hypothesis is dropped *)

From Coq Require Import Reals Lra Lia List Classical.
From Coquelicot Require Import Coquelicot.
From Book Require Import Latch Contraction Tradeoff.
Open Scope R_scope.

(** ** One unit is the case V = R of the general theorems *)

Lemma derivative_1d (f : R -> R) x l :
  is_derive f x l -> @derivative R_NormedModule f x (fun v => v * l).
Proof. intros H. exact H. Qed.

Lemma op_norm_1d (l k : R) : Rabs l <= k ->
  @op_norm_le R_NormedModule (fun v => v * l) k.
Proof.
  intros H v. unfold norm; simpl. unfold abs; simpl. rewrite Rabs_mult, Rmult_comm.
  apply Rmult_le_compat_r; [apply Rabs_pos | exact H].
Qed.

Lemma norm_1d (x y : R) : norm (minus x y) = Rabs (x - y).
Proof. reflexivity. Qed.

Lemma convex_interval (P : R -> Prop) :
  (forall x y z, P x -> P y -> x <= z <= y -> P z) -> @convex R_NormedModule P.
Proof.
  intros H x y s Hx Hy Hs. unfold plus, scal, minus; simpl. unfold plus, mult, opp; simpl.
  destruct (Rle_lt_dec x y) as [L | L].
  - apply (H x y); [assumption .. | nra].
  - apply (H y x); [assumption .. | nra].
Qed.

(** A closed interval is compact in the sense used here. *)
Theorem closed_interval_compact a b : @compact R_NormedModule (fun x => a <= x <= b).
Proof.
  intros I U Hcover. destruct (Rlt_le_dec b a) as [Hempty | Hab].
  { exists nil. intros x Hx. lra. }
  set (E c := a <= c <= b /\ exists l, forall x, a <= x <= c -> exists i, In i l /\ U i x).
  destruct (completeness E) as (c & Hub & Hlub).
  { exists b. intros c [Hc _]. lra. }
  { destruct (Hcover a ltac:(lra)) as (i & Hi). exists a. split; [lra |].
    exists (i :: nil). intros x Hx. exists i. split; [left; reflexivity |].
    replace x with a by lra. apply (locally_singleton (T := R_UniformSpace) _ _ Hi). }
  assert (Ea : E a).
  { destruct (Hcover a ltac:(lra)) as (i & Hi). split; [lra |].
    exists (i :: nil). intros x Hx. exists i. split; [left; reflexivity |].
    replace x with a by lra. apply (locally_singleton (T := R_UniformSpace) _ _ Hi). }
  assert (Hc : a <= c <= b).
  { split; [apply Hub, Ea | apply Hlub; intros x [Hx _]; lra]. }
  destruct (Hcover c Hc) as (i & [delta Hi]).
  assert (Hd : 0 < delta) by apply cond_pos.
  assert (Near : forall x, Rabs (x - c) < delta -> U i x) by (intros x Hx; apply Hi, Hx).
  assert (Before : exists z, E z /\ c - delta < z).
  { apply NNPP. intros No. assert (c <= c - delta); [| lra]. apply Hlub. intros z Ez.
    apply Rnot_lt_le. intros Hz. apply No. exists z. auto. }
  destruct Before as (z & [Hz (l & Hl)] & Hzc).
  assert (z <= c) by (apply Hub; split; [exact Hz | exists l; exact Hl]).
  assert (Reach : forall y, y <= b -> y < c + delta ->
            exists l, forall x, a <= x <= y -> exists i, In i l /\ U i x).
  { intros y Hyb Hy. exists (i :: l). intros x Hx. destruct (Rle_lt_dec x z) as [Lx | Lx].
    - destruct (Hl x ltac:(lra)) as (j & Hj & Uj). exists j. split; [right |]; assumption.
    - exists i. split; [left; reflexivity |]. apply Near, Rabs_def1; lra. }
  destruct (Rle_lt_dec b (c + delta / 2)) as [Lb | Lb].
  - apply Reach; lra.
  - exfalso. assert (E (c + delta / 2)) as En.
    { split; [lra |]. apply Reach; lra. }
    specialize (Hub _ En). lra.
Qed.

(** ** Theorem 2 without compactness is false *)

Definition root (x : R) : R := sqrt (1 + x ^ 2).
Definition root' (x : R) : R := x / sqrt (1 + x ^ 2).

Lemma one_plus_square x : 0 < 1 + x ^ 2.
Proof. pose proof (pow2_ge_0 x). lra. Qed.

Lemma derive_root x : is_derive root x (root' x).
Proof.
  unfold root, root'. pose proof (one_plus_square x).
  pose proof (sqrt_lt_R0 _ H). auto_derive.
  - replace (1 + x * (x * 1)) with (1 + x ^ 2) by ring. tauto.
  - replace (1 + x * (x * 1)) with (1 + x ^ 2) by ring. field. lra.
Qed.

Lemma root_square x : root x * root x = 1 + x ^ 2.
Proof. apply sqrt_sqrt. left. apply one_plus_square. Qed.

Lemma root_pos x : 0 < root x.
Proof. apply sqrt_lt_R0, one_plus_square. Qed.

Lemma root'_lt_1 x : Rabs (root' x) < 1.
Proof.
  unfold root'. fold (root x). pose proof (root_pos x). pose proof (root_square x).
  unfold Rdiv. rewrite Rabs_mult, (Rabs_pos_eq (/ root x)) by (left; apply Rinv_0_lt_compat; lra).
  apply Rmult_lt_reg_r with (root x); [lra |].
  rewrite Rmult_assoc, Rinv_l, Rmult_1_r, Rmult_1_l by lra.
  apply Rabs_def1; nra.
Qed.

(** The map sqrt(1 + x^2) contracts by no factor below 1. *)
Theorem root_not_contracting :
  ~ exists k, 0 <= k < 1 /\ forall x y, Rabs (root y - root x) <= k * Rabs (y - x).
Proof.
  intros (k & Hk & H).
  (* some q > 0 with k = q / sqrt(1 + q^2), or k = 0 *)
  destruct (Req_dec k 0) as [-> | Hk0].
  - specialize (H 0 1). rewrite Rmult_0_l in H.
    pose proof (root_square 0). pose proof (root_square 1).
    pose proof (root_pos 0). pose proof (root_pos 1).
    apply Rabs_le_between in H. nra.
  - assert (Hs : 0 < sqrt (1 - k ^ 2)) by (apply sqrt_lt_R0; nra).
    assert (Hss : sqrt (1 - k ^ 2) * sqrt (1 - k ^ 2) = 1 - k ^ 2) by (apply sqrt_sqrt; nra).
    set (s := sqrt (1 - k ^ 2)) in *. set (q := k / s).
    assert (Eq : q * s = k) by (unfold q; field; lra).
    assert (Hq : 0 < q) by (apply Rdiv_lt_0_compat; lra).
    specialize (H q (2 * q)).
    pose proof (root_square q) as Q1. pose proof (root_square (2 * q)) as Q2.
    pose proof (root_pos q) as P1. pose proof (root_pos (2 * q)) as P2.
    replace (2 * q - q) with q in H by ring. rewrite (Rabs_pos_eq q) in H by lra.
    apply Rabs_le_between in H.
    (* root q = 1/s, so k q = q^2 / root q *)
    assert (R1 : root q * s = 1).
    { assert (root q * s * (root q * s) = 1).
      { replace (root q * s * (root q * s)) with (root q * root q * (s * s)) by ring.
        rewrite Q1, Hss. replace (k ^ 2) with (q * s * (q * s)) by (rewrite Eq; ring).
        replace (q * s * (q * s)) with (q * q * (1 - k ^ 2)) by (rewrite <- Hss; ring).
        replace (k ^ 2) with (q * q * (s * s)) at 1 2.
        2: { replace (q * q * (s * s)) with (q * s * (q * s)) by ring. rewrite Eq. ring. }
        assert (s * s + (q * s) * (q * s) = 1) by (rewrite Eq, Hss; ring). nra. }
      assert (0 < root q * s) by nra. nra. }
    assert (K : k * q * root q = q * q).
    { rewrite <- Eq. replace (q * s * q * root q) with (q * q * (root q * s)) by ring.
      rewrite R1. ring. }
    assert (X : root (2 * q) * root q <= root q * root q + q * q) by nra.
    assert (Y : (root (2 * q) * root q) * (root (2 * q) * root q)
                = (1 + (2 * q) ^ 2) * (1 + q ^ 2)).
    { rewrite <- Q1, <- Q2. ring. }
    rewrite Q1 in X. assert (0 < root (2 * q) * root q) by nra.
    assert ((root (2 * q) * root q) * (root (2 * q) * root q)
            <= (1 + q ^ 2 + q * q) * (1 + q ^ 2 + q * q)) by (apply Rmult_le_compat; lra).
    rewrite Y in H1. nra.
Qed.

(** Theorem 2 without compactness is false: a slope below 1 at every point does not make a map
    contracting. *)
Theorem theorem_2_as_passed_on_is_false :
  ~ (forall (M M' : R -> R) (D : R -> Prop), @convex R_NormedModule D ->
       (forall x, D x -> is_derive M x (M' x)) -> (forall x, D x -> Rabs (M' x) < 1) ->
       @contracting R_NormedModule D M).
Proof.
  intros H. destruct (H root root' (fun _ => True)) as (k & Hk & HC).
  - intros x y s _ _ _. exact I.
  - intros x _. apply derive_root.
  - intros x _. apply root'_lt_1.
  - apply root_not_contracting. exists k. split; [exact Hk |].
    intros x y. apply (HC x y I I).
Qed.

(** ** The latch does not contract on its own reduced attracting set *)

(** The latch does not contract on its own reduced attracting set, the states beyond a_star. *)
Theorem gamma_not_contracting w : 1 < w ->
  ~ @contracting R_NormedModule (fun a => a_star w < a) (M w).
Proof.
  intros Hw (k & Hk & HC). pose proof (a_star_pos w Hw) as Hs.
  assert (Cont : continuity_pt (slope w) (a_star w)).
  { apply continuity_pt_filterlim, (ex_derive_continuous (slope w)).
    unfold slope. pose proof (derive_tanh (a_star w)) as D.
    apply (ex_derive_scal (fun y => 1 - tanh y ^ 2)).
    apply (ex_derive_minus (fun _ => 1) (fun y => tanh y ^ 2)).
    - apply ex_derive_const.
    - apply (ex_derive_pow tanh 2). eexists. exact D. }
  destruct (Cont (1 - k) ltac:(lra)) as (delta & Hd & Hnear).
  set (z := a_star w + delta / 2).
  assert (Sz : k < slope w z).
  { specialize (Hnear z). unfold dist in Hnear; simpl in Hnear. unfold R_dist in Hnear.
    rewrite slope_a_star in Hnear by exact Hw.
    assert (Rabs (slope w z - 1) < 1 - k) as B.
    { apply Hnear. split.
      - split; [exact I | unfold z; lra].
      - unfold z. replace (a_star w + delta / 2 - a_star w) with (delta / 2) by ring.
        rewrite Rabs_pos_eq; lra. }
    apply Rabs_def2 in B. lra. }
  set (x := a_star w + delta / 4).
  destruct (mean_value (M w) (slope w) x z) as (c & Hc & E).
  - unfold x, z. lra.
  - intros. apply derive_M.
  - assert (Hx : a_star w < x < z) by (unfold x, z; lra).
    specialize (HC x z ltac:(lra) ltac:(lra)). rewrite !norm_1d, E in HC.
    pose proof (slope_decr w c z ltac:(lra) ltac:(lra)) as Sc.
    rewrite Rabs_pos_eq in HC by (apply Rmult_le_pos; lra).
    change (‖minus z x‖) with (Rabs (z - x)) in HC.
    rewrite Rabs_pos_eq in HC by lra. nra.
Qed.

(** On the states from r on, with r > a_star, the latch contracts by the factor that is its slope
    at r. *)
Theorem latch_contracts_inside w r : 1 < w -> a_star w < r ->
  @contracting_by R_NormedModule (slope w r) (fun a => r <= a) (M w) /\ slope w r < 1.
Proof.
  intros Hw Hr. pose proof (a_star_pos w Hw). split; [| apply slope_lt_1; assumption].
  apply (mean_value_inequality (M w) (fun x v => v * slope w x)).
  - apply convex_interval. intros. lra.
  - left. apply slope_pos. lra.
  - intros x _. apply derivative_1d, derive_M.
  - intros x Hx. apply op_norm_1d. rewrite Rabs_pos_eq by (left; apply slope_pos; lra).
    apply (latch_concave w r Hw); lra.
Qed.

(** ** Robustly latched for ever, and the gradient stays *)

(** There are a start and inputs that keep the latch beyond a_star for ever, while the gradient
    tends to 1/2. *)
Theorem latched_yet_gradient_stays w : 1 < w ->
  exists h a0, (forall t, a_star w < state (M w) h a0 t) /\
    is_lim_seq (gradient (M w) (slope w) h a0) (/ 2).
Proof.
  intros Hw.
  set (k := fun t : nat => INR t + 2).                    (* k = t + 2 *)
  set (s := fun t => 1 - / k t ^ 2).                      (* the wanted slopes *)
  set (a := fun t => arcosh (sqrt (w / s t))).            (* the states that have them *)
  set (h := fun t => match t with O => 0 | S r => a (S r) - M w (a r) end).
  assert (Hk : forall t, 2 <= k t) by (intros t; unfold k; pose proof (pos_INR t); lra).
  assert (Hs : forall t, 0 < s t < 1).
  { intros t. specialize (Hk t). unfold s.
    assert (0 < / k t ^ 2) by (apply Rinv_0_lt_compat; nra).
    assert (/ k t ^ 2 < 1) by (rewrite <- Rinv_1; apply Rinv_lt_contravar; nra). lra. }
  assert (Hws : forall t, w < w / s t).
  { intros t. specialize (Hs t). apply Rmult_lt_reg_r with (s t); [lra |].
    unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. nra. }
  assert (Ha : forall t, state (M w) h (a O) t = a t).
  { intros t. induction t as [| t IH]; [reflexivity |]. simpl. rewrite IH. ring. }
  assert (Sl : forall t, slope w (a t) = s t).
  { intros t. specialize (Hs t). specialize (Hws t). unfold slope. rewrite tanh_sech.
    unfold a. rewrite cosh_arcosh.
    - rewrite <- Rsqr_pow2, Rsqr_sqrt by lra. field. lra.
    - rewrite <- sqrt_1. apply sqrt_le_1; lra. }
  assert (Gr : forall t, gradient (M w) (slope w) h (a O) t = k t / (2 * (k t - 1))).
  { intros t. induction t as [| t IH]; [simpl; unfold k; simpl; field |].
    cbn [gradient]. rewrite IH, Ha, Sl. unfold s, k. rewrite S_INR.
    pose proof (pos_INR t). field. repeat split; nra. }
  exists h, (a O). split.
  - intros t. rewrite Ha. specialize (Hws t). unfold a, a_star, arcosh.
    assert (sqrt w < sqrt (w / s t)) by (apply sqrt_lt_1; lra).
    pose proof (sqrt_gt_1 w Hw). apply ln_increasing.
    + pose proof (sqrt_pos (sqrt w ^ 2 - 1)). lra.
    + assert (sqrt (sqrt w ^ 2 - 1) < sqrt (sqrt (w / s t) ^ 2 - 1)); [| lra].
      apply sqrt_lt_1; nra.
  - apply (is_lim_seq_ext (fun t => / 2 + / 2 * / (INR t + 1))).
    { intros t. rewrite Gr. unfold k. pose proof (pos_INR t). field. lra. }
    replace (Finite (/ 2)) with (Rbar_plus (/ 2) (Rbar_mult (/ 2) 0))
      by (simpl; f_equal; ring).
    apply is_lim_seq_plus'; [apply is_lim_seq_const |].
    apply (is_lim_seq_scal_l (fun t => / (INR t + 1)) (/ 2) 0).
    apply (is_lim_seq_ext (fun t => / INR (S t))); [intros t; rewrite S_INR; reflexivity |].
    apply -> (is_lim_seq_incr_1 (fun t => / INR t)).
    apply (is_lim_seq_inv INR p_infty is_lim_seq_INR).
    discriminate.
Qed.

(** ** Without a shape there is no price *)

(** The map sin(4x) / 2 holds [-1, 1] against all noise up to 1/2, and yet its gradient at rest
    grows like 2^t. *)
Theorem no_price_without_shape : let f x := sin (4 * x) / 2 in let f' x := 2 * cos (4 * x) in
  (forall x, is_derive f x (f' x)) /\
  (forall h a0, (forall t, Rabs (h t) <= / 2) -> Rabs a0 <= 1 ->
     forall t, Rabs (state f h a0 t) <= 1) /\
  (forall t, state f (fun _ => 0) 0 t = 0) /\
  (forall t, gradient f f' (fun _ => 0) 0 t = 2 ^ t).
Proof.
  intros f f'.
  assert (Rest : forall t, state f (fun _ => 0) 0 t = 0).
  { intros t. induction t as [| t IH]; simpl; [reflexivity |].
    rewrite IH. unfold f. rewrite Rmult_0_r, sin_0. lra. }
  split; [| split; [| split]].
  - intros x. unfold f, f'. auto_derive; [exact I | field].
  - intros h a0 Hh H0 t. destruct t as [| t]; simpl; [exact H0 |].
    specialize (Hh (S t)). apply Rabs_le_between in Hh. unfold f at 1.
    pose proof (SIN_bound (4 * state f h a0 t)). apply Rabs_le. lra.
  - exact Rest.
  - intros t. induction t as [| t IH]; simpl; [reflexivity |].
    rewrite IH, Rest. unfold f'. rewrite Rmult_0_r, cos_0. ring.
Qed.
